-- Answers to what was created under an Idempotency-Key. Part of a migration of every service that creates; frozen,
-- later changes are new migrations.

CREATE TABLE idempotency_keys (
    tenant_id  uuid        NOT NULL,
    subject    uuid        NOT NULL,  -- who sent the key: a person, or an API key
    route      text        NOT NULL,
    key_hash   bytea       NOT NULL,
    created_at timestamptz NOT NULL,
    answer     bytea,                 -- sealed; NULL only within the transaction that creates
    PRIMARY KEY (tenant_id, subject, route, key_hash)
);

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotency_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON idempotency_keys TO :app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY upkeep ON idempotency_keys TO :lookup USING (true) WITH CHECK (false);
GRANT SELECT, INSERT, UPDATE ON idempotency_keys TO :app;
GRANT SELECT (tenant_id, subject, route, key_hash, created_at), DELETE ON idempotency_keys TO :lookup;
