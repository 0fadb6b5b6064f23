-- Mails on their way out. Part of the first migration of every service that sends; frozen, later changes are new
-- migrations.

CREATE TABLE mails (
    id              uuid        PRIMARY KEY,
    tenant_id       uuid        NOT NULL,
    reference       uuid,                               -- what the mail is about, in the words of the service
    kind            text        NOT NULL,
    recipient       text        NOT NULL,
    content         bytea,                              -- encrypted; wiped when the mail is sent or given up
    status          text        NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'sent', 'failed')),
    attempts        integer     NOT NULL DEFAULT 0,
    -- Both are told by the database's clock, so that no sender's wrong clock takes another's mail.
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    locked_until    timestamptz,                        -- a sender has it until then; afterwards it counts as dead
    error           text,
    created_at      timestamptz NOT NULL,
    finished_at     timestamptz,
    CHECK ((status = 'queued') = (content IS NOT NULL)),
    CHECK ((status = 'queued') = (finished_at IS NULL))
);

CREATE INDEX mails_queued ON mails (next_attempt_at) WHERE status = 'queued';
CREATE INDEX mails_finished ON mails (finished_at) WHERE status <> 'queued';

ALTER TABLE mails ENABLE ROW LEVEL SECURITY;
ALTER TABLE mails FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON mails TO :app USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY worker ON mails TO :lookup USING (true) WITH CHECK (true);
CREATE POLICY upkeep ON mails AS RESTRICTIVE FOR DELETE TO :lookup USING (status <> 'queued');
GRANT SELECT, INSERT ON mails TO :app;
GRANT UPDATE (status, content, next_attempt_at, locked_until, error, finished_at) ON mails TO :app;
GRANT SELECT, UPDATE (attempts, locked_until), DELETE ON mails TO :lookup;
