-- Tenants $1 to $2 with $3 people each: the first of them an owner, all of them with one password. Everything is
-- named by its number, and ids grow with it, as those of the product grow with time.
WITH tenants_made AS (
    INSERT INTO tenants (id, name, slug, status, sequence)
    SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(t), 12, '0'))::uuid, 'Tenant ' || t, 'tenant-' || t, 'active', 1
      FROM generate_series($1::bigint, $2) AS t
), domains_made AS (
    INSERT INTO domains (tenant_id, domain, mode, include_subdomains, sequence)
    SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(t), 12, '0'))::uuid, 't' || t || '.example', 'automatic', true, 1
      FROM generate_series($1::bigint, $2) AS t
), people AS (
    SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(t), 12, '0'))::uuid AS tenant_id,
           ('01900000-0000-7000-9000-' || lpad(to_hex((t - 1) * $3 + p), 12, '0'))::uuid AS id,
           'p' || p || '@t' || t || '.example' AS email, 'Person ' || p AS name, p = 1 AS owns,
           now() - interval '1 year' + t * interval '1 minute' + p * interval '1 second' AS at
      FROM generate_series($1::bigint, $2) AS t, generate_series(1, $3::bigint) AS p
), users_made AS (
    INSERT INTO users (id, tenant_id, email, name, password_hash, email_verified_at, created_at)
    SELECT id, tenant_id, email, name, $4, at, at FROM people
)
INSERT INTO memberships (tenant_id, user_id, email, name, role, status, joined_via, email_verified, created_at)
SELECT tenant_id, id, email, name, CASE WHEN owns THEN 'owner' ELSE 'member' END, 'active', 'domain', true, at
  FROM people
