-- Replica of the tenants service: whose name stands in a mail, and whether anybody may be let in.
CREATE TABLE tenants (
    id       uuid   PRIMARY KEY,
    name     text   NOT NULL,
    status   text   NOT NULL CHECK (status IN ('active', 'suspended')),
    sequence bigint NOT NULL
);

-- Whose members are the operators. Its id is part of the contract between the services.
INSERT INTO tenants (id, name, status, sequence)
VALUES ('00000000-0000-7000-8000-000000000001', 'Platform', 'active', 0);

-- Replica of auth's memberships: who need not be invited any more, and who invites. It names no tenant of the
-- replica above, because the two replicas learn of a tenant in either order.
CREATE TABLE members (
    tenant_id uuid   NOT NULL,
    user_id   uuid   NOT NULL,
    email     text   NOT NULL,
    name      text   NOT NULL,
    sequence  bigint NOT NULL,
    PRIMARY KEY (tenant_id, user_id)
);
CREATE INDEX members_by_email ON members (tenant_id, email);

-- One row per invitation. The link's secret stands here as its SHA-256 only; a resend replaces it.
CREATE TABLE invitations (
    id              uuid        PRIMARY KEY,
    tenant_id       uuid        NOT NULL REFERENCES tenants,
    email           text        NOT NULL,
    role            text        NOT NULL CHECK (role IN ('owner', 'admin', 'hr', 'member')),
    message         text        CHECK (char_length(message) <= 1000),
    valid_days      smallint    NOT NULL CHECK (valid_days BETWEEN 1 AND 90),
    token_hash      bytea       NOT NULL CHECK (octet_length(token_hash) = 32),
    -- A pending row past its expires_at counts as expired, whether or not the sweeper has marked it yet.
    status          text        NOT NULL CHECK (status IN ('pending', 'accepted', 'revoked', 'expired')),
    invited_by      uuid,                               -- NULL: the owner whom an operator named with the tenant
    created_at      timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    reserved_until  timestamptz,                        -- until then a sign-up is under way
    ended_at        timestamptz,
    accepted_by     uuid,
    revoked_by      uuid,
    mail_id         uuid,                               -- the newest mail; the three below are its fate
    delivery_status text        NOT NULL CHECK (delivery_status IN ('queued', 'sent', 'failed', 'bounced')),
    delivery_at     timestamptz NOT NULL,
    delivery_error  text,
    UNIQUE (tenant_id, id),
    CHECK ((status = 'pending') = (ended_at IS NULL)),
    CHECK ((status = 'accepted') = (accepted_by IS NOT NULL)),
    CHECK (status <> 'revoked' OR revoked_by IS NOT NULL)
);
CREATE UNIQUE INDEX invitations_one_pending ON invitations (tenant_id, email) WHERE status = 'pending';
CREATE UNIQUE INDEX invitations_by_token ON invitations (token_hash);
CREATE INDEX invitations_by_age ON invitations (tenant_id, created_at DESC, id DESC);
CREATE INDEX invitations_pending_by_email ON invitations (email) WHERE status = 'pending';
CREATE INDEX invitations_pending_by_expiry ON invitations (expires_at) WHERE status = 'pending';

ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenants FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tenants TO :app USING (id = current_tenant()) WITH CHECK (id = current_tenant());
CREATE POLICY look_up ON tenants TO :lookup USING (true) WITH CHECK (false);
GRANT SELECT, INSERT, UPDATE ON tenants TO :app;
GRANT SELECT (id, status) ON tenants TO :lookup;

ALTER TABLE members ENABLE ROW LEVEL SECURITY;
ALTER TABLE members FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON members TO :app USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
GRANT SELECT, INSERT, UPDATE ON members TO :app;

-- The look-up role finds out whose a token or an address is, and what is overdue; it reads and changes nothing else.
ALTER TABLE invitations ENABLE ROW LEVEL SECURITY;
ALTER TABLE invitations FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON invitations TO :app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY look_up ON invitations TO :lookup USING (true) WITH CHECK (false);
GRANT SELECT, INSERT, UPDATE ON invitations TO :app;
GRANT SELECT (id, tenant_id, email, token_hash, status, created_at, expires_at, reserved_until) ON invitations TO :lookup;
