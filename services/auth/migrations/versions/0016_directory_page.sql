-- A page of all people of a tenant, in the order in which they joined, behind the one who joined at that moment. With the
-- rights of the caller, held to the tenant as every transaction is.
CREATE FUNCTION directory_page(tenant uuid, moment timestamptz, person uuid, most integer)
RETURNS SETOF memberships LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.tenant_id', tenant::text, true);
    RETURN QUERY SELECT * FROM memberships WHERE tenant_id = tenant AND (created_at, user_id) > (moment, person)
                  ORDER BY created_at, user_id LIMIT most;
END $$;

REVOKE EXECUTE ON FUNCTION directory_page FROM PUBLIC;
GRANT EXECUTE ON FUNCTION directory_page TO :app;
