-- A live session of the owner of each of the tenants $1 to $2; the refresh token of tenant t's is "session-t".
WITH people AS (
    SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(t), 12, '0'))::uuid AS tenant_id,
           ('01900000-0000-7000-9000-' || lpad(to_hex((t - 1) * $3::bigint + 1), 12, '0'))::uuid AS user_id,
           ('01900000-0000-7000-b000-' || lpad(to_hex(t), 12, '0'))::uuid AS session_id,
           sha256(('session-' || t)::bytea) AS hash
      FROM generate_series($1::bigint, $2) AS t
), begun AS (
    INSERT INTO sessions (id, tenant_id, user_id, created_at, last_used_at, expires_at, agent, address)
    SELECT session_id, tenant_id, user_id, now(), now(), now() + interval '30 days', 'Firefox', '192.0.2.1' FROM people
)
INSERT INTO refresh_tokens (hash, tenant_id, user_id, session_id, issued_at, expires_at)
SELECT hash, tenant_id, user_id, session_id, now(), now() + interval '14 days' FROM people
