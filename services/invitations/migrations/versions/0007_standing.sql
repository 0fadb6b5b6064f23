-- Part of the replica of auth's memberships; NULL until something is heard of the person, and once they have left.
ALTER TABLE members
    ADD COLUMN role   text CHECK (role IN ('owner', 'admin', 'hr', 'member')),
    ADD COLUMN status text CHECK (status IN ('active', 'pending', 'suspended'));

-- At whose word a first owner is invited. The operator is of another tenant, so this is shown to nobody.
ALTER TABLE invitations ADD COLUMN operator uuid;
CREATE INDEX invitations_pending_by_operator ON invitations (operator) WHERE status = 'pending';
GRANT SELECT (operator) ON invitations TO :lookup;
