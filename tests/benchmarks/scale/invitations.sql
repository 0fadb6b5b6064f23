-- Five open invitations in each of the tenants $1 to $2; the token of the n-th in tenant t is "token-t-n".
WITH tenants_made AS (
    INSERT INTO tenants (id, name, status, sequence)
    SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(t), 12, '0'))::uuid, 'Tenant ' || t, 'active', 1
      FROM generate_series($1::bigint, $2) AS t
)
INSERT INTO invitations (id, tenant_id, email, role, valid_days, token_hash, status, created_at, expires_at,
                         delivery_status, delivery_at)
SELECT ('01900000-0000-7000-a000-' || lpad(to_hex(t * 5 + n), 12, '0'))::uuid,
       ('01900000-0000-7000-8000-' || lpad(to_hex(t), 12, '0'))::uuid,
       'new' || n || '@t' || t || '.example', 'member', 7, sha256(('token-' || t || '-' || n)::bytea), 'pending',
       now(), now() + interval '7 days', 'sent', now()
  FROM generate_series($1::bigint, $2) AS t, generate_series(1, 5) AS n
