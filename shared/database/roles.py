"""The roles of one service: made by the migration step, and examined before a service serves."""

from contextlib import suppress
from urllib.parse import unquote, urlsplit

import asyncpg

from shared.process import CannotStart

_UNSAFE = """
    SELECT me.rolname, me.rolsuper, me.rolbypassrls, me.rolcreaterole, me.rolcreatedb,
           EXISTS (SELECT FROM pg_class WHERE relowner = me.oid) AS owns,
           has_schema_privilege(me.oid, 'public', 'CREATE') AS creates,
           EXISTS (SELECT FROM pg_roles AS other
                    WHERE other.oid <> me.oid AND pg_has_role(me.oid, other.oid, 'MEMBER')
                      AND (other.rolsuper OR other.rolbypassrls
                           OR EXISTS (SELECT FROM pg_class WHERE relowner = other.oid))) AS becomes
      FROM pg_roles AS me
     WHERE me.rolname = current_user
"""

# What is said when another run made, or changed, the same role at the same moment.
_COLLISIONS = (asyncpg.UniqueViolationError, asyncpg.DuplicateObjectError, asyncpg.InternalServerError)
_MOST_COLLISIONS = 5


async def ensure_roles(owner_url: str, *urls: str) -> None:
    """Make the roles that ``urls`` name, with no power beyond signing in; those that are there get the password."""
    connection = await asyncpg.connect(owner_url, timeout=5)
    try:
        for url in urls:
            await _ensure_role(connection, url)
    finally:
        await connection.close()


async def _ensure_role(connection: "asyncpg.Connection[asyncpg.Record]", url: str) -> None:
    parts = urlsplit(url)
    name, password = unquote(parts.username or ""), unquote(parts.password or "")
    if not name:
        raise CannotStart("DATABASE_URL and DATABASE_LOOKUP_URL must each name a user.")
    owner = await connection.fetchval("SELECT current_user")
    if name == owner:
        raise CannotStart(
            f"DATABASE_URL and DATABASE_MIGRATION_URL both name the role {name}. The serving role must be another one "
            "than the owner of the tables, or row-level security would not bind it."
        )
    # Roles belong to the whole server, and no lock of ours reaches beyond one database.
    for _ in range(_MOST_COLLISIONS):
        with suppress(*_COLLISIONS):
            await _make_or_change(connection, name, password, owner)
            return
    await _make_or_change(connection, name, password, owner)


async def _make_or_change(
    connection: "asyncpg.Connection[asyncpg.Record]", name: str, password: str, owner: str
) -> None:
    exists = await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", name)
    # Powers are settled at birth: only a superuser may touch them later, and before serving they are looked at anyway.
    statement = (
        "ALTER ROLE %I LOGIN PASSWORD %L"
        if exists
        else "CREATE ROLE %I LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOINHERIT PASSWORD %L"
    )
    try:
        await connection.execute(
            await connection.fetchval("SELECT format($1, $2::text, $3::text)", statement, name, password or None)
        )
    except asyncpg.InsufficientPrivilegeError as error:
        if not exists:
            raise CannotStart(
                f"The migrating role {owner} may not create the role {name}. Create it yourself "
                f"(CREATE ROLE {name} LOGIN PASSWORD …), or give {owner} CREATEROLE."
            ) from error


async def require_safe_role(url: str) -> None:
    """``CannotStart`` when the role of ``url`` could get round row-level security."""
    connection = await asyncpg.connect(url, timeout=5)
    try:
        await examine_role(connection)
    finally:
        await connection.close()


async def examine_role(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """The same for the role that this connection is made under."""
    role = await connection.fetchrow(_UNSAFE)
    if role is None:
        raise CannotStart("The database does not know its own current role.")
    powers = [label for column, label in _POWERS.items() if role[column]]
    if powers:
        raise CannotStart(
            f"Refusing to serve as the database role {role['rolname']}, because it {', '.join(powers)}: row-level "
            "security would not hold. Give DATABASE_URL the serving role that `sparknode migrate` creates."
        )


_POWERS = {
    "rolsuper": "is a superuser",
    "rolbypassrls": "has BYPASSRLS",
    "rolcreaterole": "may create roles",
    "rolcreatedb": "may create databases",
    "owns": "owns tables",
    "creates": "may create tables",
    "becomes": "may become a role that could (SET ROLE)",
}
