-- Part of the replica of auth's memberships; NULL until something is heard of the person, and once they have left.
-- Their rows are looked at by the next revision, so that nobody waits meanwhile.
ALTER TABLE members ADD COLUMN role text, ADD COLUMN status text;
ALTER TABLE members
    ADD CONSTRAINT members_role_check CHECK (role IN ('owner', 'admin', 'hr', 'member')) NOT VALID,
    ADD CONSTRAINT members_status_check CHECK (status IN ('active', 'pending', 'suspended')) NOT VALID;

-- At whose word a first owner is invited. The operators' own tenant finds what one of them has named, wherever it is.
ALTER TABLE invitations ADD COLUMN operator uuid;
CREATE POLICY operator ON invitations FOR SELECT TO :app
    USING (current_tenant() = '00000000-0000-7000-8000-000000000001' AND operator = current_person());
