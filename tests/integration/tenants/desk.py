"""The service as these tests handle it: requests in, answers and events out."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from services.tenants.app import NAME
from shared.contracts.caller import Caller
from shared.database import Database
from shared.database.connections import Connections
from tests.support.callers import a_caller, an_operator, headers_of
from tests.support.databases import DatabaseUrls

OPERATOR = an_operator()

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Desk:
    """Asks as an operator, unless told otherwise."""

    http: httpx.AsyncClient
    urls: DatabaseUrls
    behind: Connections
    database: Database

    async def get(self, path: str, by: Caller | None = OPERATOR, **query: str | int) -> httpx.Response:
        return await self.http.get(path, params=query, headers=headers_of(by, NAME))

    async def post(self, path: str, body: Json | None = None, by: Caller | None = OPERATOR) -> httpx.Response:
        return await self.http.post(path, json=body, headers=headers_of(by, NAME))

    async def patch(self, path: str, body: Json, by: Caller) -> httpx.Response:
        return await self.http.patch(path, json=body, headers=headers_of(by, NAME))

    async def delete(self, path: str, by: Caller) -> httpx.Response:
        return await self.http.delete(path, headers=headers_of(by, NAME))

    async def create(self, slug: str, **more: Any) -> Json:
        """A tenant that there was no reason to refuse."""
        answer = await self.post("/api/tenants", {"name": slug.title(), "slug": slug} | more)
        assert answer.status_code == 201, answer.text
        created: Json = answer.json()
        return created

    async def slugs(self, **query: str | int) -> list[str]:
        """What the list shows."""
        answer = await self.get("/api/tenants", OPERATOR, **query)
        return [tenant["slug"] for tenant in answer.json()["items"]]

    async def told(self) -> list[tuple[str, UUID, UUID, Json]]:
        """All events so far, oldest first: type, tenant, subject, data."""
        rows = await self.rows("SELECT type, tenant_id, subject, data::text FROM outbox ORDER BY position")
        return [(row[0], row[1], row[2], json.loads(row[3])) for row in rows]

    async def rows(self, sql: str, *arguments: Any) -> list[asyncpg.Record]:
        """What is in the database, whoever it belongs to."""
        async with self.behind.lend() as connection:
            return await connection.fetch(sql, *arguments)


def an_admin_of(tenant: Json) -> Caller:
    """A person who may do all that a customer's people may."""
    return a_caller(UUID(tenant["id"]))


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


def fields(answer: httpx.Response) -> list[str]:
    """Which members a 422 complains about."""
    assert answer.status_code == 422, answer.text
    return [error["field"] for error in answer.json()["errors"]]
