-- What every service's first migration begins with. Frozen: later changes are new migrations.

-- The tenant that this transaction is for; NULL (and so no row at all) when none was set.
CREATE FUNCTION current_tenant() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('app.tenant_id', true), '')::uuid;

-- The person who acts in this transaction; opens that person's own rows in other tenants.
CREATE FUNCTION current_person() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('app.person_id', true), '')::uuid;

GRANT USAGE ON SCHEMA public TO :app, :lookup;
GRANT SELECT ON alembic_version TO :app, :lookup;
