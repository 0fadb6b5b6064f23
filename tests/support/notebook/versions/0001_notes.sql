CREATE TABLE notes (
    tenant_id uuid   NOT NULL,
    position  bigint GENERATED ALWAYS AS IDENTITY,
    text      text   NOT NULL,
    PRIMARY KEY (tenant_id, position)
);

ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE notes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON notes TO :app USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY look_up ON notes TO :lookup USING (true) WITH CHECK (false);
GRANT SELECT, INSERT, UPDATE, DELETE ON notes TO :app;
GRANT SELECT ON notes TO :lookup;
