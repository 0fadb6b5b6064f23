-- The customers. Slugs sort by their bytes, so that a list goes on at the same place whatever the server's locale.
CREATE TABLE tenants (
    id         uuid        PRIMARY KEY,
    name       text        NOT NULL,
    slug       text        COLLATE "C" NOT NULL UNIQUE,
    status     text        NOT NULL CHECK (status IN ('active', 'suspended')),
    created_at timestamptz NOT NULL
);

-- What tenants say about e-mail domains. Anybody may claim any domain; a claim counts for nothing until it is verified.
CREATE TABLE domain_claims (
    tenant_id          uuid        NOT NULL REFERENCES tenants,
    domain             text        NOT NULL,
    mode               text        NOT NULL CHECK (mode IN ('automatic', 'approval', 'manual')),
    include_subdomains boolean     NOT NULL,
    status             text        NOT NULL CHECK (status IN ('unverified', 'verified', 'lapsed')),
    verified_by        text        CHECK (verified_by IN ('operator', 'dns')),
    verified_at        timestamptz,
    created_at         timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, domain),
    -- A lapsed claim keeps the memory of its proof.
    CHECK ((status = 'unverified') = (verified_at IS NULL)),
    CHECK ((verified_by IS NULL) = (verified_at IS NULL))
);

-- A domain has at most one owner, over all tenants.
CREATE UNIQUE INDEX domain_claims_verified ON domain_claims (domain) WHERE status = 'verified';

-- The tenant whose members are the operators. Its id is part of the contract between the services. It is put in
-- before the policies bind the owner of the tables too, who has no tenant.
INSERT INTO tenants (id, name, slug, status, created_at)
VALUES ('00000000-0000-7000-8000-000000000001', 'Platform', 'platform', 'active', now());

ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenants FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tenants TO :app USING (id = current_tenant()) WITH CHECK (id = current_tenant());
CREATE POLICY look_up ON tenants TO :lookup USING (true) WITH CHECK (false);
GRANT SELECT, INSERT, UPDATE ON tenants TO :app;
GRANT SELECT ON tenants TO :lookup;

ALTER TABLE domain_claims ENABLE ROW LEVEL SECURITY;
ALTER TABLE domain_claims FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON domain_claims TO :app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY look_up ON domain_claims TO :lookup USING (true) WITH CHECK (false);
GRANT SELECT, INSERT, UPDATE, DELETE ON domain_claims TO :app;
GRANT SELECT ON domain_claims TO :lookup;
