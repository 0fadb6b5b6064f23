-- Put a successor in the place of a refresh token, and remember when and from where its session was used; false when the
-- token was used meanwhile, or its session has ended. With the rights of the caller, held to the tenant as every
-- transaction is. Whoever ends the session locks it first, too: so either they find it used, or this finds it ended.
CREATE FUNCTION rotate_refresh_token(
    tenant uuid, person uuid, session uuid, used bytea, sealed bytea, successor bytea, moment timestamptz,
    ends timestamptz, client text
) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.tenant_id', tenant::text, true);
    WITH held AS (
        SELECT FROM sessions AS s JOIN refresh_tokens AS t ON t.tenant_id = s.tenant_id AND t.session_id = s.id
         WHERE s.tenant_id = tenant AND s.id = session AND s.revoked_at IS NULL AND t.hash = used AND t.used_at IS NULL
           FOR UPDATE OF s, t
    ), spent AS (
        UPDATE refresh_tokens SET used_at = moment, successor_sealed = sealed
          FROM held WHERE tenant_id = tenant AND hash = used
    ), touched AS (
        UPDATE sessions SET last_used_at = moment, address = client FROM held WHERE tenant_id = tenant AND id = session
    )
    INSERT INTO refresh_tokens (hash, tenant_id, user_id, session_id, issued_at, expires_at)
    SELECT successor, tenant, person, session, moment, ends FROM held;
    RETURN FOUND;
END $$;

REVOKE EXECUTE ON FUNCTION rotate_refresh_token FROM PUBLIC;
GRANT EXECUTE ON FUNCTION rotate_refresh_token TO :app;
