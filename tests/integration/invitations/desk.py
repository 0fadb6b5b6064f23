"""The service as these tests handle it: requests and events in, answers, events and mails out."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import asyncpg
import httpx

from services.invitations.app import NAME
from services.invitations.sweeper import Sweeper
from services.invitations.use_cases.expire_invitations import ExpireInvitations
from services.invitations.use_cases.record_delivery import RecordDelivery
from shared.contracts.auth import MembershipRemoved
from shared.contracts.caller import CONTEXT_HEADER, Caller, ContextSigner
from shared.contracts.events import Event
from shared.contracts.tenancy import TenantStatus
from shared.contracts.tenants import TenantCreated, TenantResumed, TenantSuspended
from shared.database.connections import Connections
from shared.ids import new_id
from shared.mail.maildir import MailboxEntry, MaildirTransport, read_mailbox
from shared.mail.message import Sender
from shared.mail.queue import mail_sealer
from shared.mail.transport import MailTransport
from shared.mail.worker import MailWorker, Patience
from shared.messaging.envelope import Envelope
from shared.service import Service
from tests.integration.invitations.company import Company, membership, membership_change, tenant_event
from tests.integration.invitations.time import MovableClock, run_until
from tests.support.callers import DATA_KEY, SIGNING_KEY
from tests.support.databases import DatabaseUrls

Json = dict[str, Any]


@dataclass(slots=True)
class Desk:
    """Everything stands still here unless a test moves it: no worker runs, and the clock does not either."""

    http: httpx.AsyncClient
    urls: DatabaseUrls
    behind: Connections
    service: Service
    clock: MovableClock
    mailbox: Path
    sequence: int = 0

    # --- requests in ---

    async def ask(self, by: Caller | None, method: str, path: str, **request: Any) -> httpx.Response:
        """A request that came through the gateway."""
        return await self.http.request(method, path, headers=self.headers(by), **request)

    def headers(self, by: Caller | None) -> dict[str, str]:
        """What the gateway adds, by this desk's clock."""
        signer = ContextSigner(SIGNING_KEY, "gateway", self.clock)
        return {CONTEXT_HEADER: signer.for_caller(by, NAME) if by else signer.for_anonymous(NAME)}

    async def get(self, path: str, by: Caller, **query: Any) -> httpx.Response:
        return await self.ask(by, "GET", path, params=query)

    async def post(self, path: str, by: Caller, **body: Any) -> httpx.Response:
        return await self.ask(by, "POST", path, **({"json": body} if body else {}))

    async def auth_asks(self, path: str, **body: Any) -> httpx.Response:
        """A call of the fellow service."""
        context = ContextSigner(SIGNING_KEY, "auth", self.clock).for_peer(NAME)
        return await self.http.post(path, json=body, headers={CONTEXT_HEADER: context})

    async def invite(self, by: Caller, email: str = "ann@example.com", **more: Any) -> Json:
        """An invitation that there was no reason to refuse."""
        answer = await self.post("/api/invitations", by, email=email, **more)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()  # type: ignore[no-any-return]

    async def read(self, by: Caller, invitation_id: str) -> Json:
        answer = await self.get(f"/api/invitations/{invitation_id}", by)
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]

    async def reserve(self, token: str, email: str = "ann@example.com") -> httpx.Response:
        return await self.auth_asks("/internal/reservations", token=token, email=email)

    # --- events in ---

    async def hear(
        self, event: Event, tenant_id: UUID, sequence: int | None = None, *, actor: str | None = None
    ) -> Envelope:
        """Let an event take effect, the newest of its subject unless told otherwise."""
        envelope = self.envelope(event, tenant_id, sequence, actor=actor)
        await self.deliver(envelope)
        return envelope

    def envelope(
        self, event: Event, tenant_id: UUID, sequence: int | None = None, *, actor: str | None = None
    ) -> Envelope:
        """The next event that is told."""
        self.sequence += 1
        return Envelope(
            id=new_id(),
            source="test",
            type=event.type,
            subject=event.subject,
            time=self.clock(),
            tenant_id=tenant_id,
            sequence=self.sequence if sequence is None else sequence,
            data=event.model_dump(mode="json"),
            actor=actor,
        )

    async def deliver(self, *envelopes: Envelope) -> None:
        assert self.service.listener
        await self.service.listener.handle_all(envelopes)

    async def found(self, name: str, owner_email: str | None = None, *, actor: str | None = None) -> Company:
        """A company that the tenants service tells of."""
        company = Company.named(name)
        await self.hear(tenant_event(TenantCreated, company, owner_email=owner_email), company.id, actor=actor)
        return company

    async def suspend(self, company: Company, sequence: int | None = None) -> None:
        event = tenant_event(TenantSuspended, company, status=TenantStatus.SUSPENDED)
        await self.hear(event, company.id, sequence)

    async def resume(self, company: Company, sequence: int | None = None) -> None:
        await self.hear(tenant_event(TenantResumed, company), company.id, sequence)

    async def join(self, company: Company, email: str, **more: Any) -> Envelope:
        """Auth tells that somebody is in."""
        return await self.hear(membership(company, email, **more), company.id)

    async def leave(self, company: Company, email: str, *, user_id: UUID) -> Envelope:
        """Auth tells that somebody was removed."""
        return await self.hear(membership_change(MembershipRemoved, company, email, user_id=user_id), company.id)

    # --- events and mails out ---

    async def told(self, kind: str = "") -> list[Json]:
        """The data of the events told so far, oldest first, those of a ``kind`` or all."""
        rows = await self.rows(
            "SELECT type, tenant_id, data FROM outbox WHERE type LIKE '%.' || $1 || '%' ORDER BY position", kind
        )
        for row in rows:
            assert row["data"]["tenant_id"] == str(row["tenant_id"])
        return [row["data"] | {"type": row["type"]} for row in rows]

    async def post_mails(self, transport: MailTransport | None = None, patience: Patience | None = None) -> None:
        """Run the mail worker until nothing is left to be sent."""
        worker = MailWorker(
            self.service.database,
            transport or MaildirTransport(self.mailbox),
            mail_sealer(DATA_KEY),
            Sender.parse("SparkNode <no-reply@sparknode.test>"),
            self.clock,
            on_outcome=RecordDelivery(self.clock),
            patience=patience or Patience(),
        )
        await run_until(worker.run, self._nothing_is_queued)

    async def _nothing_is_queued(self) -> bool:
        return not await self.rows("SELECT FROM mails WHERE status = 'queued'")

    async def mails_to(self, email: str) -> list[MailboxEntry]:
        """What came in at an address, newest first."""
        return await read_mailbox(self.mailbox, email)

    async def sweep(self) -> int:
        """What the sweeper does once a minute."""
        return await ExpireInvitations(self.service.database, self.clock)()

    def sweeper(self, pause_seconds: float) -> Sweeper:
        return Sweeper(ExpireInvitations(self.service.database, self.clock), pause_seconds)

    # --- behind the scenes ---

    async def rows(self, sql: str, *arguments: Any) -> list[asyncpg.Record]:
        """What is in the database, whoever it belongs to."""
        async with self.behind.lend() as connection:
            return await connection.fetch(sql, *arguments)

    async def everything(self) -> list[asyncpg.Record]:
        """All that a refused request must leave as it was."""
        tables = ("invitations", "members", "tenants", "mails", "outbox")
        return [row for table in tables for row in await self.rows(f"SELECT * FROM {table} ORDER BY 1")]  # noqa: S608


def token_in(invited: Json) -> str:
    """The secret in the link that was shown once."""
    return parse_qs(urlsplit(invited["invite_url"]).query)["token"][0]
