"""The service as these tests handle it: requests and events in, answers, events and mails out."""

import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import asyncpg
import httpx
import jwt

from services.auth.app import NAME
from shared.clock import utc_now
from shared.contracts.caller import CONTEXT_HEADER, Caller, ContextSigner
from shared.contracts.events import Event
from shared.contracts.permissions import permissions_of
from shared.contracts.tenancy import EnrolmentMode, Role, TenantStatus
from shared.contracts.tenants import DomainVerified, TenantCreated, TenantResumed, TenantSuspended
from shared.database.connections import Connections
from shared.ids import new_id
from shared.mail.queue import mail_sealer
from shared.messaging.envelope import Envelope
from shared.service import Service
from tests.integration.auth.invitations import FakeInvitations, Invited
from tests.support.callers import DATA_KEY, SIGNING_KEY
from tests.support.databases import DatabaseUrls

Json = dict[str, Any]

JWT_KEY = "only-the-tests-seal-signing-keys-with-this-71ae"
PASSWORD = "Twelve-green-bottles"


@dataclass(slots=True)
class MovableClock:
    """Stands still until it is moved."""

    now: datetime = field(default_factory=utc_now)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> None:
        self.now += by


@dataclass(frozen=True, slots=True)
class Company:
    """A tenant with a name and, perhaps, a domain."""

    id: UUID
    name: str
    slug: str


@dataclass(frozen=True, slots=True)
class MailSeen:
    """One mail that waits to be sent."""

    to: str
    kind: str
    subject: str
    text: str

    @property
    def token(self) -> str:
        """What stands behind ``token=`` in its link."""
        (link,) = [link for link in re.findall(r"https?://\S+", self.text) if "token=" in link]
        token: str = parse_qs(urlsplit(link).query)["token"][0]
        return token


@dataclass(slots=True)
class Desk:
    """Asks without a token, unless told otherwise."""

    http: httpx.AsyncClient
    urls: DatabaseUrls
    behind: Connections
    service: Service
    clock: MovableClock
    invitations: FakeInvitations
    sequence: int = 0

    # --- Requests

    async def get(self, path: str, by: Caller | None = None, **query: str | int) -> httpx.Response:
        return await self.http.get(path, params=query, headers=self._headers(by))

    async def post(self, path: str, body: Any = None, by: Caller | None = None) -> httpx.Response:
        return await self.http.post(path, json=body, headers=self._headers(by))

    async def sign_up(self, email: str, token: str | None = None, **more: Any) -> httpx.Response:
        body = {"email": email, "password": PASSWORD, "name": "Anna Berg"} | more
        return await self.post("/api/auth/signup", body | ({"invitation_token": token} if token else {}))

    async def verify(self, token: str) -> httpx.Response:
        return await self.post("/api/auth/verify-email", {"token": token})

    async def accept(self, token: str, by: Caller | None) -> httpx.Response:
        return await self.post("/api/invitations/accept", {"token": token}, by)

    async def log_in(self, email: str, password: str = PASSWORD) -> httpx.Response:
        return await self.post("/api/auth/login", {"email": email, "password": password})

    # --- Stories that other stories begin with

    async def found(self, name: str, domain: str | None = None, mode: str = "automatic") -> Company:
        """A tenant of which auth has heard, with a verified domain."""
        company = Company(new_id(), name, name.lower())
        await self.hear(_about(TenantCreated, company, TenantStatus.ACTIVE), company.id)
        if domain:
            await self.claim(company, domain, mode)
        return company

    async def claim(self, company: Company, domain: str, mode: str, *, subdomains: bool = False) -> None:
        event = DomainVerified(
            tenant_id=company.id, domain=domain, mode=EnrolmentMode(mode), include_subdomains=subdomains
        )
        await self.hear(event, company.id)

    async def suspend(self, company: Company) -> None:
        await self.hear(_about(TenantSuspended, company, TenantStatus.SUSPENDED), company.id)

    async def resume(self, company: Company) -> None:
        await self.hear(_about(TenantResumed, company, TenantStatus.ACTIVE), company.id)

    def invite(self, company: Company, email: str, role: Role = Role.MEMBER, *, by: UUID | None = None) -> Invited:
        return self.invitations.add(Invited(company.id, email, role, invited_by=by))

    async def join(self, company: Company, email: str, role: Role = Role.MEMBER, **more: Any) -> Json:
        """Somebody who has signed up by invitation: the Session."""
        answer = await self.sign_up(email, self.invite(company, email, role).token, **more)
        assert answer.status_code == 201, answer.text
        session: Json = answer.json()
        return session

    # --- What the service did

    async def hear(self, event: Event, tenant_id: UUID, sequence: int | None = None, without: str = "") -> None:
        """An event of the tenants service arrives; an older one knows no field ``without``."""
        self.sequence += 1
        envelope = Envelope(
            id=new_id(),
            source="tenants",
            type=event.type,
            subject=event.subject,
            time=self.clock(),
            tenant_id=tenant_id,
            sequence=self.sequence if sequence is None else sequence,
            data=event.model_dump(mode="json", exclude={without}),
        )
        assert self.service.listener
        await self.service.listener.handle_all([envelope])

    async def told(self, kind: str = "") -> list[Json]:
        """The data of all events so far whose type holds ``kind``, oldest first."""
        sql = "SELECT data::text FROM outbox WHERE type LIKE '%' || $1 || '%' ORDER BY position"
        return [json.loads(row[0]) for row in await self.rows(sql, kind)]

    async def mails(self, to: str) -> list[MailSeen]:
        """What waits to be sent to an address, oldest first."""
        sealer = mail_sealer(DATA_KEY)
        rows = await self.rows("SELECT id, kind, content FROM mails WHERE recipient = $1 ORDER BY id", to)
        contents = [(row["kind"], json.loads(sealer.unseal(row["content"], row=row["id"].bytes))) for row in rows]
        return [MailSeen(mail["to"], kind, mail["subject"], mail["text"]) for kind, mail in contents]

    async def memberships(self, email: str) -> list[Json]:
        """All memberships of whoever has an address, oldest first."""
        sql = "SELECT * FROM memberships WHERE email = $1 ORDER BY created_at"
        return [dict(row) for row in await self.rows(sql, email)]

    async def user(self, email: str) -> Json:
        (row,) = await self.rows("SELECT * FROM users WHERE email = $1", email)
        return dict(row)

    async def rows(self, sql: str, *arguments: Any) -> list[asyncpg.Record]:
        """What is in the database, whoever it belongs to."""
        async with self.behind.lend() as connection:
            return await connection.fetch(sql, *arguments)

    def _headers(self, caller: Caller | None) -> dict[str, str]:
        signer = ContextSigner(SIGNING_KEY, "gateway", self.clock)
        return {CONTEXT_HEADER: signer.for_caller(caller, NAME) if caller else signer.for_anonymous(NAME)}


def caller_of(session: Json) -> Caller:
    """Whom the gateway would say that a session belongs to."""
    claims = claims_of(session)
    tenant_id, role = UUID(claims["tenant_id"]), Role(claims["role"])
    return Caller(UUID(claims["sub"]), tenant_id, role, permissions_of(role, tenant_id), UUID(claims["sid"]))


def claims_of(session: Json) -> Json:
    """What the access token of a session says."""
    claims: Json = jwt.decode(session["access_token"], options={"verify_signature": False})
    return claims


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


def _about(kind: type[Any], company: Company, status: TenantStatus) -> Event:
    event: Event = kind(tenant_id=company.id, name=company.name, slug=company.slug, status=status)
    return event
