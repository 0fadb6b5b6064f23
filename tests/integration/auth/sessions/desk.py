"""The service as these tests handle it: people and tenants in, requests in, answers, events and mails out."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import jwt
from pydantic import SecretStr

from services.auth.app import NAME, build
from services.auth.settings import AuthSettings
from shared.clock import utc_now
from shared.contracts.caller import CONTEXT_HEADER, Caller, ContextSigner
from shared.contracts.permissions import permissions_of
from shared.contracts.tenancy import Role
from shared.database.connections import Connections
from shared.ids import new_id
from shared.mail.queue import mail_sealer
from shared.messaging.backbone import Worker
from shared.settings import Environment
from tests.support.callers import DATA_KEY, SIGNING_KEY
from tests.support.connections import behind
from tests.support.databases import DatabaseUrls
from tests.support.passwords import EASY, hash_of

JWT_SECRET = "only-the-tests-seal-keys-with-this-91be77c0"
PUBLIC_URL = "https://id.example"
PASSWORD = "velvet-otter-41"

Json = dict[str, Any]


@dataclass(slots=True)
class MovableClock:
    """The system's clock, or one that stands, and as far ahead of it as a test likes."""

    ahead: timedelta = timedelta()
    standing: datetime | None = None

    def __call__(self) -> datetime:
        return (self.standing or utc_now()) + self.ahead


@dataclass(frozen=True, slots=True)
class Desk:
    """Asks as nobody, unless told otherwise."""

    http: httpx.AsyncClient
    urls: DatabaseUrls
    behind: Connections
    hash_of: Callable[[str], str]
    clock: MovableClock = field(default_factory=MovableClock)
    workers: tuple[Worker, ...] = ()

    # --- requests ---

    async def get(self, path: str, by: Caller | None = None, **query: str | int) -> httpx.Response:
        return await self.http.get(path, params=query, headers=self.headers(by))

    async def post(self, path: str, body: Any = None, by: Caller | None = None) -> httpx.Response:
        return await self.http.post(path, json=body, headers=self.headers(by))

    async def delete(self, path: str, by: Caller | None = None, **query: str) -> httpx.Response:
        return await self.http.delete(path, params=query, headers=self.headers(by))

    async def patch(self, path: str, body: Any, by: Caller | None = None) -> httpx.Response:
        return await self.http.patch(path, json=body, headers=self.headers(by))

    async def ask_as_peer(self, path: str) -> httpx.Response:
        return await self.http.get(path, headers=self._peer_headers())

    async def post_as_peer(self, path: str, body: Json) -> httpx.Response:
        return await self.http.post(path, json=body, headers=self._peer_headers())

    async def log_in(self, email: str, password: str = PASSWORD, **more: Any) -> httpx.Response:
        return await self.post("/api/auth/login", {"email": email, "password": password} | more)

    async def session(self, email: str, password: str = PASSWORD, **more: Any) -> Json:
        """The session of somebody whom there was no reason to refuse."""
        return done(await self.log_in(email, password, **more))

    async def refresh(self, token: str) -> httpx.Response:
        return await self.post("/api/auth/refresh", {"refresh_token": token})

    def headers(self, by: Caller | None = None) -> dict[str, str]:
        signer = self._signer()
        return {CONTEXT_HEADER: signer.for_caller(by, NAME) if by else signer.for_anonymous(NAME)}

    def _peer_headers(self) -> dict[str, str]:
        return {CONTEXT_HEADER: self._signer().for_peer(NAME)}

    def _signer(self) -> ContextSigner:
        return ContextSigner(SIGNING_KEY, "gateway", self.clock)

    # --- people and tenants ---

    async def tenant(self, slug: str, *, status: str = "active") -> UUID:
        tenant_id = new_id()
        await self.rows("INSERT INTO tenants VALUES ($1, $2, $3, $4, 1)", tenant_id, slug.title(), slug, status)
        return tenant_id

    async def person(
        self,
        email: str,
        tenant_id: UUID,
        *,
        password: str | None = PASSWORD,
        verified: bool = True,
        **membership: str,
    ) -> UUID:
        """Somebody with a home; what is said of the membership goes to ``join``."""
        user_id, name = new_id(), membership.pop("name", email.partition("@")[0].title())
        hashed = self.hash_of(password) if password is not None else None
        async with self.behind.lend() as connection, connection.transaction():
            await connection.execute(
                "INSERT INTO users VALUES ($1, $2, $3, $4, $5, CASE WHEN $6 THEN now() END, now())",
                *(user_id, tenant_id, email, name, hashed, verified),
            )
            await connection.execute(_JOIN, *_membership(tenant_id, user_id, verified, membership))
        return user_id

    async def join(self, user_id: UUID, tenant_id: UUID, **membership: str) -> None:
        """Give somebody another membership."""
        await self.rows(_JOIN, *_membership(tenant_id, user_id, True, membership))

    async def suspend(self, tenant_id: UUID, *, status: str = "suspended") -> None:
        await self.rows("UPDATE tenants SET status = $2 WHERE id = $1", tenant_id, status)

    async def allow(self, tenant_id: UUID, *methods: str) -> None:
        """Let people sign in to the tenant by these methods alone."""
        sql = "UPDATE tenants SET settings = jsonb_build_object('sign_in_methods', $2::text[]) WHERE id = $1"
        await self.rows(sql, tenant_id, list(methods))

    # --- what came of it ---

    async def told(self, event_type: str = "auth.session.revoked.v1") -> list[tuple[UUID, Json]]:
        """The tenant and the data of all events of a type, oldest first."""
        rows = await self.rows("SELECT tenant_id, data::text FROM outbox WHERE type = $1 ORDER BY position", event_type)
        return [(row[0], json.loads(row[1])) for row in rows]

    async def mails(self) -> list[Json]:
        """All mails that wait to be sent, oldest first: kind, to, subject, text, html."""
        sealer = mail_sealer(DATA_KEY)
        rows = await self.rows("SELECT id, kind, content FROM mails ORDER BY id")
        return [{"kind": row["kind"]} | json.loads(sealer.unseal(row["content"], row=row["id"].bytes)) for row in rows]

    async def rows(self, sql: str, *arguments: Any) -> list[asyncpg.Record]:
        """What is in the database, whoever it belongs to."""
        async with self.behind.lend() as connection:
            return await connection.fetch(sql, *arguments)


_JOIN = """
    INSERT INTO memberships (tenant_id, user_id, email, name, role, status, joined_via, email_verified, created_at)
    SELECT $1, $2, email, name, $3, $4, 'domain', $5, clock_timestamp() FROM users WHERE id = $2
"""


def _membership(tenant_id: UUID, user_id: UUID, verified: bool, more: dict[str, str]) -> tuple[object, ...]:
    return tenant_id, user_id, more.get("role", "member"), more.get("status", "active"), verified


@asynccontextmanager
async def serving(urls: DatabaseUrls, folder: Path, **settings: Any) -> AsyncIterator[Desk]:
    """The service on the database at ``urls``; several may run at once."""
    clock = MovableClock()
    read = auth_settings(urls, folder, **settings)
    service = await build(read, clock, urls.connect)
    hashed = partial(hash_of, **read.model_dump(include=set(EASY)))
    transport = httpx.ASGITransport(service.app)
    async with (
        behind(urls) as pool,
        httpx.AsyncClient(transport=transport, base_url="http://auth") as http,
    ):
        yield Desk(http, urls, pool, hashed, clock, service.workers)
    await service.close()


def auth_settings(urls: DatabaseUrls, folder: Path, **more: Any) -> AuthSettings:
    """Settings for tests."""
    values: dict[str, Any] = {
        "environment": Environment.TEST,
        "database_url": SecretStr(urls.serving),
        "database_lookup_url": SecretStr(urls.look_up),
        "caller_signing_key": SecretStr(SIGNING_KEY),
        "data_encryption_key": SecretStr(DATA_KEY),
        "jwt_secret_key": SecretStr(JWT_SECRET),
        "public_url": PUBLIC_URL,
        "mailbox_dir": folder / "mailbox",
        **EASY,
    }
    return AuthSettings(**values | more)


def claims_of(session: Json) -> Json:
    """What the access token says, signature unseen."""
    claims: Json = jwt.decode(session["access_token"], options={"verify_signature": False})
    return claims


def caller_of(session: Json) -> Caller:
    """Whom the gateway would take the bearer of the access token for."""
    claims = claims_of(session)
    role, tenant_id = Role(claims["role"]), UUID(claims["tenant_id"])
    return Caller(UUID(claims["sub"]), tenant_id, role, permissions_of(role, tenant_id), session_id=UUID(claims["sid"]))


def done(answer: httpx.Response) -> Json:
    """The body of a success."""
    assert answer.status_code == 200, answer.text
    body: Json = answer.json()
    return body


def told(answer: httpx.Response) -> tuple[int, dict[str, Any], list[str]]:
    """All that an answer says, but for what differs between any two."""
    body = {name: value for name, value in answer.json().items() if name != "request_id"}
    return answer.status_code, body, sorted(answer.headers)


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


def link_token(mail: Json) -> str:
    """The token of the link in a mail."""
    token: str = mail["text"].partition("token=")[2].split()[0]
    return token
