"""The statements inside our own functions: of them a log of what is sent tells only that they were called."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tests.e2e.statements.recording import is_about_rows
from tests.support.connections import Connection

# Not those that act with other rights than the caller's: they make and drop partitions.
_CALLED = """
    SELECT p.proname, p.prosrc, p.proargnames,
           ARRAY(SELECT format_type(type, NULL) FROM unnest(p.proargtypes) WITH ORDINALITY AS a (type, n) ORDER BY n)
               AS types
      FROM pg_proc AS p JOIN pg_language AS l ON l.oid = p.prolang
     WHERE l.lanname = 'plpgsql' AND NOT p.prosecdef AND $1 ~ ('\\m' || p.proname || '\\s*\\(')
"""


@dataclass(frozen=True, slots=True)
class Inner:
    """A statement with the arguments of its function as parameters, of these types."""

    sql: str
    types: Sequence[str]


async def statements_inside(connection: Connection, sql: str) -> list[Inner]:
    """Those of all functions in PL/pgSQL that ``sql`` calls."""
    found = []
    for function in await connection.fetch(_CALLED, sql):
        body = re.sub(r"^\s*(DECLARE\b.*?)?BEGIN\b", "", function["prosrc"], flags=re.S)
        texts = (text.strip().removeprefix("RETURN QUERY ") for text in body.split(";"))
        inner = [text for text in texts if is_about_rows(text)]
        assert inner, f"no statement found in {function['proname']}"
        found += [Inner(_with_parameters(text, function["proargnames"]), function["types"]) for text in inner]
    return found


def _with_parameters(sql: str, names: Sequence[str]) -> str:
    """PL/pgSQL lets no argument have the name of a column that is used beside it, so that names tell them apart."""
    numbers = {name: f"${number}" for number, name in enumerate(names, 1)}
    return re.sub(rf"\b({'|'.join(names)})\b", lambda met: numbers[met[0]], sql)
