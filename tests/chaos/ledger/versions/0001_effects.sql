-- Append only, and with no key that an event could meet a second time: what is doubled shows.
CREATE TABLE effects (
    position  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id uuid   NOT NULL DEFAULT current_tenant(),
    event_id  uuid   NOT NULL,
    subject   uuid   NOT NULL,
    sequence  bigint NOT NULL
);

ALTER TABLE effects ENABLE ROW LEVEL SECURITY;
ALTER TABLE effects FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON effects TO :app USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY look_up ON effects TO :lookup USING (true) WITH CHECK (false);
GRANT SELECT, INSERT ON effects TO :app;
