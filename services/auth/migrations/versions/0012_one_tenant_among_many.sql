-- Whether somebody belongs to a tenant is looked up for that tenant, and not by reading all that they belong to: it may
-- be thousands.
ALTER POLICY tenant ON tenants TO :app
    USING (id = current_tenant()
           OR EXISTS (SELECT FROM memberships AS m WHERE m.tenant_id = tenants.id AND m.user_id = current_person()))
    WITH CHECK (id = current_tenant());

-- Every gateway that starts asks for these.
CREATE INDEX tenants_suspended ON tenants (id) WHERE status = 'suspended';
