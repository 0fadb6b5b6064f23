"""What must hold in every database of ours, as questions to PostgreSQL's catalogue: who breaks this rule?"""

from dataclasses import dataclass

TENANT_TABLES = """
    CREATE TEMPORARY VIEW tenant_tables AS
    SELECT c.oid, c.relname, c.relrowsecurity, c.relforcerowsecurity, a.attnum, a.attnotnull, a.atttypid
      FROM pg_class AS c
      JOIN pg_attribute AS a ON a.attrelid = c.oid
     WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
       AND a.attname = CASE c.relname WHEN 'tenants' THEN 'id' ELSE 'tenant_id' END
"""
"""The tables whose rows belong to a tenant, each with the column that says to which."""


@dataclass(frozen=True, slots=True)
class Rule:
    """``offenders`` answers with the names of what breaks it; ``spoil`` is something that it must find.

    ``:app`` and ``:lookup`` stand for the serving and the look-up role.
    """

    sentence: str
    offenders: str
    spoil: str


RULES = (
    Rule(
        "every table belongs to tenants",
        """SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
              AND oid NOT IN (SELECT oid FROM tenant_tables)""",
        "CREATE TABLE spoilt (id uuid)",
    ),
    Rule(
        "row-level security is enabled and forced",
        "SELECT relname FROM tenant_tables WHERE NOT (relrowsecurity AND relforcerowsecurity)",
        "ALTER TABLE notes NO FORCE ROW LEVEL SECURITY",
    ),
    Rule(
        "a row always has a tenant",
        "SELECT relname FROM tenant_tables WHERE NOT attnotnull OR atttypid <> 'uuid'::regtype",
        "CREATE TABLE spoilt (tenant_id uuid)",
    ),
    Rule(
        "policies cover all commands of the serving role",
        """SELECT t.relname || ' ' || command::text
             FROM tenant_tables AS t, unnest('{r,a,w,d}'::"char"[]) AS command
            WHERE NOT EXISTS (SELECT FROM pg_policy AS p
                               WHERE p.polrelid = t.oid AND p.polpermissive AND ':app'::regrole = ANY (p.polroles)
                                 AND p.polcmd IN ('*', command))""",
        "DROP POLICY tenant ON notes; CREATE POLICY t ON notes FOR SELECT TO :app USING (tenant_id = current_tenant())",
    ),
    Rule(
        "every policy of the serving role asks for the tenant",
        """SELECT t.relname || '.' || p.polname
             FROM pg_policy AS p JOIN tenant_tables AS t ON t.oid = p.polrelid,
                  pg_get_expr(p.polqual, p.polrelid) AS using_, pg_get_expr(p.polwithcheck, p.polrelid) AS check_
            WHERE ':app'::regrole = ANY (p.polroles)
              AND (strpos(coalesce(using_, check_), 'current_tenant()') = 0
                   OR strpos(coalesce(check_, using_), 'current_tenant()') = 0)""",
        "CREATE POLICY spoilt ON notes TO :app USING (tenant_id = current_tenant()) WITH CHECK (true)",
    ),
    Rule(
        "no policy is for everybody",
        """SELECT t.relname || '.' || p.polname FROM pg_policy AS p JOIN tenant_tables AS t ON t.oid = p.polrelid
            WHERE 0 = ANY (p.polroles)""",
        "CREATE POLICY spoilt ON notes USING (tenant_id = current_tenant())",
    ),
    Rule(
        "the roles have no power",
        """SELECT rolname FROM pg_roles WHERE rolname IN (':app', ':lookup')
              AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication OR rolinherit)""",
        "ALTER ROLE :lookup BYPASSRLS",
    ),
    Rule(
        "the roles can become no other",
        "SELECT roleid::regrole::text FROM pg_auth_members WHERE member IN (':app'::regrole, ':lookup'::regrole)",
        "GRANT pg_read_all_data TO :app",
    ),
    Rule(
        "the roles own nothing",
        """SELECT pg_describe_object(classid, objid, objsubid) FROM pg_shdepend
            WHERE deptype = 'o' AND refobjid IN (':app'::regrole, ':lookup'::regrole)
              AND dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))""",
        "CREATE FUNCTION spoilt() RETURNS int LANGUAGE sql RETURN 1; ALTER FUNCTION spoilt OWNER TO :app",
    ),
    Rule(
        "the roles make no schema and nothing in one",
        """SELECT role || ' ' || nspname FROM unnest('{:app,:lookup}'::text[]) AS role, pg_namespace
            WHERE nspname NOT LIKE 'pg_temp%' AND nspname NOT LIKE 'pg_toast_temp%'
              AND (has_schema_privilege(role, oid, 'CREATE')
                   OR has_database_privilege(role, current_database(), 'CREATE'))""",
        "GRANT CREATE ON SCHEMA public TO :lookup",
    ),
    Rule(
        "nobody may truncate, refer, trigger or hand on a right, and PUBLIC has none",
        """SELECT c.relname || ' ' || a.grantee::regrole || ' ' || a.privilege_type
             FROM pg_class AS c, aclexplode(c.relacl) AS a
            WHERE c.relnamespace = 'public'::regnamespace AND a.grantee <> c.relowner
              AND (a.grantee = 0 OR a.is_grantable
                   OR a.privilege_type IN ('TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN'))""",
        "GRANT TRUNCATE ON notes TO :app",
    ),
    Rule(
        "the look-up role makes no row of a tenant",
        "SELECT relname FROM tenant_tables WHERE has_any_column_privilege(':lookup', oid, 'INSERT')",
        "GRANT INSERT (text) ON notes TO :lookup",
    ),
    Rule(
        "views see what their reader may see",
        """SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
              AND (relkind = 'm'
                   OR relkind = 'v' AND NOT coalesce('security_invoker=true' = ANY (reloptions), false))""",
        "CREATE VIEW spoilt AS SELECT * FROM notes",
    ),
    Rule(
        "functions run with the rights of their caller",
        "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef",
        "CREATE FUNCTION spoilt() RETURNS int LANGUAGE sql SECURITY DEFINER RETURN 1",
    ),
    Rule(
        "foreign keys stay within the tenant",
        """SELECT f.conrelid::regclass || '.' || f.conname
             FROM pg_constraint AS f
             JOIN tenant_tables AS child ON child.oid = f.conrelid
             JOIN tenant_tables AS parent ON parent.oid = f.confrelid
            WHERE f.contype = 'f'
              AND NOT EXISTS (SELECT FROM unnest(f.conkey, f.confkey) AS pair (own, other)
                               WHERE own = child.attnum AND other = parent.attnum)""",
        """ALTER TABLE notes ADD UNIQUE (position);
           CREATE TABLE spoilt (tenant_id uuid NOT NULL, note bigint REFERENCES notes (position))""",
    ),
)
