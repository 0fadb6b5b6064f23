"""Databases and roles of a test's own making, on the worker's server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

import asyncpg

from cli.postgres import EmbeddedPostgres
from cli.postgres.cluster import Postmaster
from tests.support.databases import DatabaseUrls, Server

PASSWORD = "p:@/ wörd"  # what a URL has to escape


def unique(what: str) -> str:
    """A name that nothing else on the server has."""
    return f"{what}_{uuid4().hex[:12]}"


async def run_as(url: str, *statements: str) -> None:
    """Each in a transaction of its own."""
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def value(url: str, sql: str) -> object:
    """One value."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


def postmaster_pid(server: EmbeddedPostgres) -> int:
    """The first of the server's processes."""
    postmaster = Postmaster.of(server.log.parent / "cluster")
    assert postmaster
    return postmaster.pid


@dataclass(frozen=True, slots=True)
class Role:
    """A role that can sign in to ``database``."""

    name: str
    url: str


@asynccontextmanager
async def a_role(server: Server, database: str, powers: str = "") -> AsyncIterator[Role]:
    """A role with ``powers``; it takes with it what it owns."""
    name = unique("role")
    await run_as(server.url(database), f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}' {powers}")
    yield Role(name, server.url(database, name, PASSWORD))
    await run_as(server.url(database), f"DROP OWNED BY {name} CASCADE", f"DROP ROLE {name}")


@asynccontextmanager
async def an_empty_database(server: Server, *, owner: str = "postgres") -> AsyncIterator[DatabaseUrls]:
    """With the names of roles that are not there yet."""
    name, serving, look_up = unique("database"), unique("serving"), unique("look_up")
    await run_as(server.url("postgres"), f"CREATE DATABASE {name} OWNER {owner}")
    yield DatabaseUrls(name, server.url(name), server.url(name, serving, PASSWORD), server.url(name, look_up, PASSWORD))
    await run_as(
        server.url("postgres"),
        f"DROP DATABASE {name} WITH (FORCE)",
        f"DROP ROLE IF EXISTS {serving}",
        f"DROP ROLE IF EXISTS {look_up}",
    )
