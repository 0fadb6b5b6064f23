-- The keys of HR tools. A key is a row: taking it back deletes it, and with the membership of whoever made it go all
-- keys that they made. Of the key itself there is only the hash.
CREATE TABLE api_keys (
    id           uuid        PRIMARY KEY,
    tenant_id    uuid        NOT NULL,
    hash         bytea       NOT NULL CHECK (octet_length(hash) = 32),
    name         text        NOT NULL,
    scopes       text[]      NOT NULL CHECK (cardinality(scopes) > 0),
    created_by   uuid        NOT NULL,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz,
    last_used_at timestamptz,
    FOREIGN KEY (tenant_id, created_by) REFERENCES memberships ON DELETE CASCADE
);
CREATE INDEX api_keys_by_age ON api_keys (tenant_id, created_at, id);
CREATE INDEX api_keys_by_maker ON api_keys (tenant_id, created_by);

ALTER TABLE api_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE api_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON api_keys TO :app USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY look_up ON api_keys TO :lookup USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, DELETE ON api_keys TO :app;
GRANT SELECT, UPDATE (last_used_at) ON api_keys TO :lookup;
