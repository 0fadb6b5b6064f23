"""What is wrong with a plan: rows that are found by reading past all others."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.support.connections import Connection

Plan = dict[str, Any]

SMALL = frozenset({"signing_keys", "alembic_version", "dead_letters"})
"""Of the installation, not of its customers: a handful of rows in any of them, or operators have been called."""

_INDEXES = """
    SELECT c.relname, i.indrelid::regclass::text AS table_name, i.indpred IS NOT NULL AS partial,
           pg_get_indexdef(i.indexrelid, 1, true) AS first_column
      FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
"""

_PARAMETERS = "SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 'asked'"


@dataclass(frozen=True, slots=True)
class Index:
    """What a condition on it must name for it to lead to few rows; a ``partial`` one leads to few by itself."""

    table: str
    first_column: str
    partial: bool


async def indexes(connection: Connection) -> dict[str, Index]:
    """All of a database."""
    rows = await connection.fetch(_INDEXES)
    return {row["relname"]: Index(row["table_name"], row["first_column"], row["partial"]) for row in rows}


async def plan_of(connection: Connection, sql: str, types: Sequence[str] = ()) -> Plan:
    """The plan for any values, by an index wherever there is one that could serve, however small the tables are.

    ``types`` are those of the parameters, where the statement leaves them open.
    """
    await connection.execute("SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan")
    typed = f"({', '.join(types)})" if types else ""
    await connection.execute(f"PREPARE asked{typed} AS {sql}")
    try:
        count = await connection.fetchval(_PARAMETERS)
        values = f"({', '.join(['NULL'] * count)})" if count else ""
        told = await connection.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE asked{values}")
    finally:
        await connection.execute("DEALLOCATE asked")
    plan: Plan = json.loads(told)[0]["Plan"]
    return plan


def complaints(plan: Plan, known: Mapping[str, Index]) -> Iterator[str]:
    """A sentence for each scan in ``plan`` that takes longer the more customers there are."""
    kind, table = plan["Node Type"], plan.get("Relation Name", "")
    if kind == "Seq Scan" and table not in SMALL:
        yield f"reads all of {table}"
    if kind in ("Index Scan", "Index Only Scan", "Bitmap Index Scan"):
        index = known[plan["Index Name"]]
        if index.table not in SMALL and not index.partial and index.first_column not in plan.get("Index Cond", ""):
            yield f"reads all of {plan['Index Name']}"
    if table and "(hashed SubPlan" in plan.get("Filter", ""):
        yield f"compares each row of {table} with a list that is read as a whole"
    for part in plan.get("Plans", ()):
        yield from complaints(part, known)
