-- A plan is kept for everybody, and may be made for somebody with one tenant. As EXISTS this was then answered by
-- reading all tenants of whoever asks into a table; a row that is looked for cannot be.
ALTER POLICY tenant ON tenants TO :app
    USING (id = current_tenant()
           OR (SELECT true FROM memberships AS m WHERE m.tenant_id = tenants.id AND m.user_id = current_person()))
    WITH CHECK (id = current_tenant());

-- Whichever index is taken for a person and a tenant, it has both.
CREATE INDEX memberships_by_person ON memberships (user_id, tenant_id);
DROP INDEX memberships_by_user;
