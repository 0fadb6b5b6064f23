-- A replica is compared with its owner page by page, across tenants. Repairs are made inside the tenant.
GRANT SELECT ON tenants TO :lookup;

CREATE POLICY look_up ON members FOR SELECT TO :lookup USING (true);
GRANT SELECT ON members TO :lookup;
GRANT DELETE ON members TO :app;
