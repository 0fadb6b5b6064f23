"""What a revision takes from those who worked with the schema before it: of this, the server's own catalogue tells."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Self

import asyncpg

_OURS = "relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')"

_KEPT = f"""
    SELECT 'table ' || oid::regclass FROM pg_class WHERE {_OURS}
    UNION ALL
    SELECT format('column %s.%s %s', c.oid::regclass, attname, format_type(atttypid, atttypmod))
      FROM pg_class c JOIN pg_attribute ON attrelid = c.oid WHERE {_OURS} AND attnum > 0 AND NOT attisdropped
    UNION ALL
    SELECT format('default of %s.%I', c.oid::regclass, attname)
      FROM pg_class c JOIN pg_attribute ON attrelid = c.oid WHERE {_OURS} AND (atthasdef OR attidentity <> '')
    UNION ALL
    SELECT format('right to %s %s for %s', privilege_type, c.oid::regclass, grantee)
      FROM pg_class c, aclexplode(relacl) WHERE {_OURS}
    UNION ALL
    SELECT format('right to %s %s.%I for %s', privilege_type, c.oid::regclass, attname, grantee)
      FROM pg_class c JOIN pg_attribute ON attrelid = c.oid, aclexplode(attacl) WHERE {_OURS}
    UNION ALL
    SELECT format('function %s returns %s', oid::regprocedure, pg_get_function_result(oid))
      FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL
    SELECT format('right to execute %s for %s', p.oid::regprocedure, grantee)
      FROM pg_proc p, aclexplode(coalesce(proacl, acldefault('f', proowner)))
     WHERE pronamespace = 'public'::regnamespace
    UNION ALL
    SELECT format('conflict on %s', regexp_replace(pg_get_indexdef(indexrelid), '^.* ON ', ''))
      FROM pg_index JOIN pg_class c ON c.oid = indrelid WHERE {_OURS} AND indisunique
    UNION ALL
    SELECT format('value in %s.%I', c.oid::regclass, attname)
      FROM pg_class c JOIN pg_attribute ON attrelid = c.oid WHERE {_OURS} AND attnum > 0 AND attnotnull
    UNION ALL
    SELECT format('%s goes along: %s', conrelid::regclass, pg_get_constraintdef(oid))
      FROM pg_constraint WHERE contype = 'f' AND confdeltype IN ('c', 'n', 'd')
    UNION ALL
    SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL
    SELECT format('row security of %s, %s', oid::regclass, flag)
      FROM pg_class, unnest(ARRAY['enabled', 'forced'], ARRAY[relrowsecurity, relforcerowsecurity]) AS t (flag, is_on)
     WHERE {_OURS} AND is_on
    UNION ALL
    SELECT format('policy %s on %s: %s %s %s %s', polname, polrelid::regclass, polcmd, polroles,
                  pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
      FROM pg_policy WHERE polpermissive
"""  # noqa: S608 - literals

_BONDS = f"""
    SELECT c.oid::regclass::text, ARRAY[attname::text], format('%I is NOT NULL', attname),
           atthasdef OR attidentity <> ''
      FROM pg_class c JOIN pg_attribute ON attrelid = c.oid WHERE {_OURS} AND attnum > 0 AND attnotnull
    UNION ALL
    SELECT conrelid::regclass::text,
           ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = conrelid AND attnum = ANY (conkey)),
           replace(pg_get_constraintdef(oid), ' NOT VALID', ''), true
      FROM pg_constraint WHERE contype IN ('c', 'f') AND conrelid <> 0
    UNION ALL
    SELECT confrelid::regclass::text, '{{}}',
           format('held by %s: %s', conrelid::regclass, replace(pg_get_constraintdef(oid), ' NOT VALID', '')), false
      FROM pg_constraint WHERE contype = 'f' AND confdeltype IN ('a', 'r')
    UNION ALL
    SELECT indrelid::regclass::text,
           ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = indrelid AND attnum = ANY (indkey)),
           regexp_replace(pg_get_indexdef(indexrelid), '^.* ON ', 'unique '), 0 <> ALL (indkey)
      FROM pg_index JOIN pg_class c ON c.oid = indrelid WHERE {_OURS} AND (indisunique OR indisexclusion)
    UNION ALL
    SELECT tgrelid::regclass::text, '{{}}', pg_get_triggerdef(oid), false FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL
    SELECT polrelid::regclass::text, '{{}}', format('policy %s: %s %s %s %s', polname, polcmd, polroles,
           pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)), false
      FROM pg_policy WHERE NOT polpermissive
    UNION ALL
    SELECT oid::regclass::text, '{{}}', 'row security', false FROM pg_class WHERE {_OURS} AND relrowsecurity
    UNION ALL
    SELECT oid::regclass::text, '{{}}', 'row security of owners', false
      FROM pg_class WHERE {_OURS} AND relforcerowsecurity
"""  # noqa: S608 - literals


class Bond(NamedTuple):
    """What rows of a table have to be like; a ``lenient`` one asks nothing of who leaves out all of its columns."""

    table: str
    columns: frozenset[str]
    what: str
    lenient: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What those who work with a schema can count on, and what they are bound to."""

    kept: frozenset[str]
    bonds: frozenset[Bond]

    @classmethod
    async def of(cls, connection: "asyncpg.Connection[asyncpg.Record]") -> Self:
        """Those of the database."""
        kept = frozenset(row[0] for row in await connection.fetch(_KEPT))
        bonds = await connection.fetch(_BONDS)
        return cls(
            kept, frozenset(Bond(table, frozenset(columns), what, eased) for table, columns, what, eased in bonds)
        )

    def lost_in(self, after: "Facts") -> list[str]:
        """What somebody who knows these finds missing in those ``after``, or forbidden by them."""
        return sorted(self.kept - after.kept) + sorted(f"{bond.table}: {bond.what}" for bond in self._new_bonds(after))

    def _new_bonds(self, after: "Facts") -> Iterator[Bond]:
        columns = {what.split()[1] for what in self.kept if what.startswith("column ")}
        for bond in after.bonds - self.bonds:
            known = any(f"{bond.table}.{name}" in columns for name in bond.columns)
            if f"table {bond.table}" in self.kept and (known or not bond.lenient):
                yield bond
