-- When the role last changed: tokens that say the former one are to be refused for as long as they would live.
ALTER TABLE memberships ADD COLUMN role_changed_at timestamptz;
CREATE INDEX memberships_by_role_change ON memberships (role_changed_at) WHERE role_changed_at IS NOT NULL;

-- Who manages a tenant, and who waits or is locked out: found without reading through all of its people.
CREATE INDEX memberships_by_role ON memberships (tenant_id, role, created_at, user_id);
CREATE INDEX memberships_by_status ON memberships (tenant_id, status, created_at, user_id) WHERE status <> 'active';

-- An ended session outlives the membership, so that a gateway that starts learns of it. It goes when its time is over.
ALTER TABLE sessions DROP CONSTRAINT sessions_tenant_id_user_id_fkey;
ALTER TABLE sessions ADD FOREIGN KEY (tenant_id) REFERENCES tenants NOT VALID;
ALTER TABLE sessions VALIDATE CONSTRAINT sessions_tenant_id_fkey;
