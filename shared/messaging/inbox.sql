-- Facts that came in. Part of a consuming service's first migration; frozen, later changes are new migrations.

-- One row per event that has taken effect here, written in the transaction of the effect.
CREATE TABLE inbox (
    event_id    uuid        PRIMARY KEY,
    tenant_id   uuid        NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now()
);

-- Events that could not take effect, waiting for an operator.
CREATE TABLE dead_letters (
    event_id  uuid        PRIMARY KEY,
    tenant_id uuid        NOT NULL,
    envelope  jsonb       NOT NULL,
    reason    text        NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT now()
);

ALTER TABLE inbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE inbox FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON inbox TO :app USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY upkeep ON inbox TO :lookup USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON inbox TO :app;
GRANT SELECT, DELETE ON inbox TO :lookup;

ALTER TABLE dead_letters ENABLE ROW LEVEL SECURITY;
ALTER TABLE dead_letters FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON dead_letters TO :app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY upkeep ON dead_letters TO :lookup USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON dead_letters TO :app;
GRANT SELECT, DELETE ON dead_letters TO :lookup;
