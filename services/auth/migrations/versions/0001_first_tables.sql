-- Replica of the tenants service: what a token, a sign-in and "you will join …" need to know of a tenant.
CREATE TABLE tenants (
    id       uuid   PRIMARY KEY,
    name     text   NOT NULL,
    slug     text   NOT NULL,
    status   text   NOT NULL CHECK (status IN ('active', 'suspended')),
    sequence bigint NOT NULL
);

-- Whose members are the operators. Its id is part of the contract between the services. It is put in before the
-- policies bind the owner of the tables too, who has no tenant.
INSERT INTO tenants (id, name, slug, status, sequence)
VALUES ('00000000-0000-7000-8000-000000000001', 'Platform', 'platform', 'active', 0);

-- Replica of the verified domains.
CREATE TABLE domains (
    tenant_id          uuid    NOT NULL REFERENCES tenants,
    domain             text    NOT NULL,
    mode               text    NOT NULL CHECK (mode IN ('automatic', 'approval', 'manual')),
    include_subdomains boolean NOT NULL,
    sequence           bigint  NOT NULL,
    PRIMARY KEY (tenant_id, domain)
);
CREATE INDEX domains_by_domain ON domains (domain);

-- One row per person. tenant_id is the home tenant, in which there must be a membership.
CREATE TABLE users (
    id                uuid        PRIMARY KEY,
    tenant_id         uuid        NOT NULL REFERENCES tenants,
    email             text        NOT NULL UNIQUE,
    name              text        NOT NULL,
    password_hash     text,
    email_verified_at timestamptz,
    created_at        timestamptz NOT NULL
);
CREATE INDEX users_unproven ON users (created_at) WHERE email_verified_at IS NULL;

-- A person in a tenant: the directory's row, so it carries the address and the name itself.
CREATE TABLE memberships (
    tenant_id       uuid        NOT NULL REFERENCES tenants,
    user_id         uuid        NOT NULL REFERENCES users ON DELETE CASCADE,
    email           text        NOT NULL,
    name            text        NOT NULL,
    role            text        NOT NULL CHECK (role IN ('owner', 'admin', 'hr', 'member')),
    status          text        NOT NULL CHECK (status IN ('active', 'pending', 'suspended')),
    joined_via      text        NOT NULL CHECK (joined_via IN ('invitation', 'domain', 'operator')),
    email_verified  boolean     NOT NULL,
    invitation_id   uuid        UNIQUE,
    created_at      timestamptz NOT NULL,
    last_sign_in_at timestamptz,
    PRIMARY KEY (tenant_id, user_id)
);
CREATE INDEX memberships_by_user ON memberships (user_id);
CREATE INDEX memberships_by_age ON memberships (tenant_id, created_at, user_id);
CREATE UNIQUE INDEX memberships_by_email ON memberships (tenant_id, email);
ALTER TABLE users ADD CONSTRAINT users_home FOREIGN KEY (tenant_id, id)
    REFERENCES memberships (tenant_id, user_id) DEFERRABLE INITIALLY DEFERRED;

-- Invitations that have let somebody in. They stay used when that person is removed, or the row of the user goes.
CREATE TABLE used_invitations (
    invitation_id uuid        PRIMARY KEY,
    tenant_id     uuid        NOT NULL REFERENCES tenants,
    user_id       uuid        NOT NULL,
    used_at       timestamptz NOT NULL
);

-- What stands behind a link from a mail. Using it deletes it. A verification carries the credentials of the sign-up
-- that asked for it: whoever proves the address gets the password of the very attempt whose link was used.
CREATE TABLE one_time_tokens (
    hash          bytea       PRIMARY KEY,
    tenant_id     uuid        NOT NULL,
    user_id       uuid        NOT NULL,
    purpose       text        NOT NULL CHECK (purpose IN ('verify_email', 'reset_password')),
    password_hash text,
    name          text,
    created_at    timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL,
    FOREIGN KEY (user_id) REFERENCES users ON DELETE CASCADE,
    CHECK ((purpose = 'verify_email') = (password_hash IS NOT NULL AND name IS NOT NULL))
);
CREATE INDEX one_time_tokens_by_user ON one_time_tokens (user_id, purpose);

-- A sign-in on one device, in one tenant; also the family of the refresh tokens that descend from it.
CREATE TABLE sessions (
    id             uuid        PRIMARY KEY,
    tenant_id      uuid        NOT NULL,
    user_id        uuid        NOT NULL,
    created_at     timestamptz NOT NULL,
    last_used_at   timestamptz NOT NULL,
    expires_at     timestamptz NOT NULL,
    revoked_at     timestamptz,
    revoked_reason text,
    agent          text        NOT NULL,
    address        text        NOT NULL,
    UNIQUE (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES memberships ON DELETE CASCADE
);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_revoked ON sessions (revoked_at) WHERE revoked_at IS NOT NULL;

CREATE TABLE refresh_tokens (
    hash       bytea       PRIMARY KEY,
    tenant_id  uuid        NOT NULL,
    user_id    uuid        NOT NULL,
    session_id uuid        NOT NULL,
    issued_at  timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    FOREIGN KEY (tenant_id, session_id) REFERENCES sessions (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);

-- Private halves are sealed under JWT_SECRET_KEY.
CREATE TABLE signing_keys (
    kid            text        PRIMARY KEY,
    public_jwk     jsonb       NOT NULL,
    private_sealed bytea       NOT NULL,
    created_at     timestamptz NOT NULL,
    retired_at     timestamptz
);

-- Counts of tries per address and per purpose; the subject is a hash, so that a dump names nobody.
CREATE TABLE throttles (
    subject    bytea       PRIMARY KEY,
    tries      integer     NOT NULL,
    began_at   timestamptz NOT NULL,
    open_at    timestamptz NOT NULL
);

ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenants FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tenants TO :app
    USING (id = current_tenant()
           OR id IN (SELECT m.tenant_id FROM memberships AS m WHERE m.user_id = current_person()))
    WITH CHECK (id = current_tenant());
CREATE POLICY look_up ON tenants TO :lookup USING (true) WITH CHECK (false);
GRANT SELECT, INSERT, UPDATE ON tenants TO :app;
GRANT SELECT ON tenants TO :lookup;

ALTER TABLE domains ENABLE ROW LEVEL SECURITY;
ALTER TABLE domains FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON domains TO :app USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY look_up ON domains TO :lookup USING (true) WITH CHECK (false);
GRANT SELECT, INSERT, UPDATE, DELETE ON domains TO :app;
GRANT SELECT ON domains TO :lookup;

ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE users FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON users TO :app
    USING (tenant_id = current_tenant() OR id = current_person())
    WITH CHECK (tenant_id = current_tenant() OR id = current_person());
CREATE POLICY look_up ON users FOR SELECT TO :lookup USING (true);
CREATE POLICY upkeep ON users FOR DELETE TO :lookup USING (email_verified_at IS NULL);
GRANT SELECT, INSERT, UPDATE, DELETE ON users TO :app;
GRANT SELECT, DELETE ON users TO :lookup;

ALTER TABLE memberships ENABLE ROW LEVEL SECURITY;
ALTER TABLE memberships FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON memberships TO :app
    USING (tenant_id = current_tenant() OR user_id = current_person())
    WITH CHECK (tenant_id = current_tenant() OR user_id = current_person());
CREATE POLICY look_up ON memberships TO :lookup USING (true) WITH CHECK (false);
GRANT SELECT, INSERT, UPDATE, DELETE ON memberships TO :app;
GRANT SELECT ON memberships TO :lookup;

ALTER TABLE used_invitations ENABLE ROW LEVEL SECURITY;
ALTER TABLE used_invitations FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON used_invitations TO :app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
GRANT SELECT, INSERT ON used_invitations TO :app;

ALTER TABLE one_time_tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE one_time_tokens FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON one_time_tokens TO :app
    USING (tenant_id = current_tenant() OR user_id = current_person())
    WITH CHECK (tenant_id = current_tenant() OR user_id = current_person());
CREATE POLICY look_up ON one_time_tokens TO :lookup USING (true) WITH CHECK (false);
GRANT SELECT, INSERT, UPDATE, DELETE ON one_time_tokens TO :app;
GRANT SELECT, DELETE ON one_time_tokens TO :lookup;

ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE sessions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON sessions TO :app
    USING (tenant_id = current_tenant() OR user_id = current_person())
    WITH CHECK (tenant_id = current_tenant() OR user_id = current_person());
CREATE POLICY look_up ON sessions TO :lookup USING (true) WITH CHECK (false);
GRANT SELECT, INSERT, UPDATE ON sessions TO :app;
GRANT SELECT, DELETE ON sessions TO :lookup;

ALTER TABLE refresh_tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE refresh_tokens FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON refresh_tokens TO :app
    USING (tenant_id = current_tenant() OR user_id = current_person())
    WITH CHECK (tenant_id = current_tenant() OR user_id = current_person());
CREATE POLICY look_up ON refresh_tokens TO :lookup USING (true) WITH CHECK (false);
GRANT SELECT, INSERT, UPDATE ON refresh_tokens TO :app;
GRANT SELECT, DELETE ON refresh_tokens TO :lookup;

GRANT SELECT, INSERT, UPDATE ON signing_keys TO :app;
GRANT SELECT, INSERT, UPDATE, DELETE ON throttles TO :lookup;
