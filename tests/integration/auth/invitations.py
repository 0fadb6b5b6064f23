"""The invitations service as auth meets it: the same internal routes, over real HTTP, with a memory of nothing else."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

from pydantic import Field
from starlette.responses import Response
from starlette.types import ASGIApp

from services.auth.errors.admission import TenantSuspended
from services.auth.errors.joining import (
    InvitationEmailMismatch,
    InvitationExpired,
    InvitationNotFound,
    InvitationRevoked,
)
from shared.clock import Clock
from shared.contracts.caller import ContextVerifier, Peer
from shared.contracts.tenancy import Role
from shared.errors import Unavailable
from shared.http.app import build_app
from shared.http.endpoint import Endpoint
from shared.http.models import Answer, Body, Timestamp
from shared.http.replies import reply
from shared.ids import new_id, new_token
from tests.support.callers import SIGNING_KEY


@dataclass(frozen=True, slots=True)
class Invited:
    """One invitation, and the token in its link."""

    tenant_id: UUID
    email: str
    role: Role = Role.MEMBER
    state: str = "pending"
    accepted_by: UUID | None = None
    invited_by: UUID | None = None
    operator: UUID | None = None
    id: UUID = field(default_factory=new_id)
    token: str = field(default_factory=new_token)


class TokenAndEmail(Body):
    token: str
    email: str


class EmailOnly(Body):
    email: str
    besides: list[UUID] = Field(default=[])


class TokenOnly(Body):
    token: str


class Reservation(Answer):
    invitation_id: UUID
    tenant_id: UUID
    tenant_name: str = "Company"
    role: Role
    email: str
    state: str
    reserved_until: Timestamp
    invited_by: UUID | None
    operator: UUID | None


class ReservationOrNone(Answer):
    reservation: Reservation | None


class Preview(Answer):
    invitation_id: UUID
    tenant_id: UUID
    tenant_name: str = "Company"
    role: Role
    email: str
    state: str
    accepted_by: UUID | None
    invited_by: UUID | None
    operator: UUID | None


class FakeInvitations:
    """What has been invited, and who asked for it: every question is remembered, so that a test can count them."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.is_down = False
        self.keeps_for = timedelta(minutes=1)
        self.known: dict[str, Invited] = {}
        self.asked: list[str] = []

    def add(self, invited: Invited) -> Invited:
        self.known[invited.token] = invited
        return invited

    def change(self, invited: Invited, state: str, accepted_by: UUID | None = None) -> None:
        """What happens to an invitation meanwhile."""
        self.known[invited.token] = replace(invited, state=state, accepted_by=accepted_by)

    def reserve(self, token: str, email: str) -> Reservation:
        found = self._found(token)
        if found.email != email:
            raise InvitationEmailMismatch
        if found.state == "expired":
            raise InvitationExpired
        if found.state == "revoked":
            raise InvitationRevoked
        if found.state == "tenant_suspended":
            raise TenantSuspended
        return self._reservation(found)

    def reserve_for(self, email: str, besides: Collection[UUID] = ()) -> Reservation | None:
        to_them = [each for each in self.known.values() if each.email == email and each.id not in besides]
        waiting = [each for each in to_them if each.state == "pending"]
        return self._reservation(max(waiting, key=lambda each: each.id)) if waiting else None

    def preview(self, token: str) -> Preview:
        found = self._found(token)
        return Preview(
            invitation_id=found.id,
            tenant_id=found.tenant_id,
            role=found.role,
            email=found.email,
            state="pending" if found.state == "tenant_suspended" else found.state,
            accepted_by=found.accepted_by,
            invited_by=found.invited_by,
            operator=found.operator,
        )

    def app(self) -> ASGIApp:
        """Its HTTP side; refuses whoever does not sign as a fellow service."""
        verifier = ContextVerifier(SIGNING_KEY, "invitations", self.clock)
        return build_app("invitations", ENDPOINTS, self, verifier=verifier, checks={})

    def hear(self, question: str) -> None:
        """Remember a question, and answer it only while the service is up."""
        if self.is_down:
            raise Unavailable
        self.asked.append(question)

    def _found(self, token: str) -> Invited:
        if token not in self.known:
            raise InvitationNotFound
        return self.known[token]

    def _reservation(self, invited: Invited) -> Reservation:
        return Reservation(
            invitation_id=invited.id,
            tenant_id=invited.tenant_id,
            role=invited.role,
            email=invited.email,
            state="accepted" if invited.state == "accepted" else "reserved",
            reserved_until=self.clock() + self.keeps_for,
            invited_by=invited.invited_by,
            operator=invited.operator,
        )


async def reserve(fake: FakeInvitations, peer: Peer, body: TokenAndEmail) -> Response:
    """Keep an invitation."""
    fake.hear(f"{peer.name} reserves a token")
    return reply(fake.reserve(body.token, body.email))


async def reserve_by_address(fake: FakeInvitations, peer: Peer, body: EmailOnly) -> Response:
    """Keep what waits for an address."""
    fake.hear(f"{peer.name} reserves for {body.email}")
    return reply(ReservationOrNone(reservation=fake.reserve_for(body.email, body.besides)))


async def preview(fake: FakeInvitations, peer: Peer, body: TokenOnly) -> Response:
    """Show an invitation."""
    fake.hear(f"{peer.name} previews a token")
    return reply(fake.preview(body.token))


ENDPOINTS = (
    Endpoint("POST", "/internal/reservations", reserve, {200: Reservation}),
    Endpoint("POST", "/internal/reservations/by-address", reserve_by_address, {200: ReservationOrNone}),
    Endpoint("POST", "/internal/invitations/preview", preview, {200: Preview}),
)
