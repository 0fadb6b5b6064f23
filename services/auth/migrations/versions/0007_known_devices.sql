-- From where somebody has signed in before: a hash over the person, the kind of device and its network. tenant_id says
-- in whose transaction it was first seen; the person's it is in every tenant.
CREATE TABLE known_devices (
    user_id       uuid        NOT NULL REFERENCES users ON DELETE CASCADE,
    fingerprint   bytea       NOT NULL,
    tenant_id     uuid        NOT NULL,
    first_seen_at timestamptz NOT NULL,
    last_seen_at  timestamptz NOT NULL,
    PRIMARY KEY (user_id, fingerprint)
);
CREATE INDEX known_devices_by_age ON known_devices (last_seen_at);

ALTER TABLE known_devices ENABLE ROW LEVEL SECURITY;
ALTER TABLE known_devices FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON known_devices TO :app
    USING (tenant_id = current_tenant() OR user_id = current_person())
    WITH CHECK (tenant_id = current_tenant() OR user_id = current_person());
CREATE POLICY look_up ON known_devices TO :lookup USING (true) WITH CHECK (false);
GRANT SELECT, INSERT, UPDATE, DELETE ON known_devices TO :app;
GRANT SELECT, DELETE ON known_devices TO :lookup;
