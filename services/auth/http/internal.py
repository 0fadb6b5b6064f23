"""Routes for the gateway and other verifiers of access tokens."""

from typing import Self
from uuid import UUID

from pydantic import Field
from starlette.responses import Response

from services.auth.repository.directory import Member
from services.auth.sessions.schemas import KeySetBody, RevocationsBody
from services.auth.use_cases import UseCases
from shared.contracts.caller import Peer
from shared.contracts.tenancy import MembershipStatus, Role
from shared.http.body import InvalidRequest
from shared.http.endpoint import Endpoint
from shared.http.models import Answer, Query
from shared.http.replies import reply
from shared.messaging.watermark import StillWriting

KEY_SET_SECONDS = 300
"""How long a key set may be kept; a new key is published for twice as long before it signs."""


class WatermarkBody(Answer):
    """What is read from now on knows of all events with smaller sequences."""

    sequence: int


class MembersQuery(Query):
    """Which part of all members is wanted."""

    after_tenant: UUID | None = None
    after_user: UUID | None = None
    limit: int = Field(500, ge=1, le=1000)


class MemberCopy(Answer):
    """A member, as others keep it."""

    tenant_id: UUID
    user_id: UUID
    email: str
    name: str
    role: Role
    status: MembershipStatus
    invitation_id: UUID | None

    @classmethod
    def of(cls, member: Member) -> Self:
        """All of it."""
        return cls(
            tenant_id=member.tenant_id,
            user_id=member.user_id,
            email=member.email,
            name=member.name,
            role=Role(member.role),
            status=MembershipStatus(member.status),
            invitation_id=member.invitation_id,
        )


class MembersBody(Answer):
    """Members by tenant and person."""

    items: list[MemberCopy]


async def key_set(use_cases: UseCases) -> Response:
    """The public keys that access tokens are checked with (RFC 7517)."""
    headers = {"Cache-Control": f"public, max-age={KEY_SET_SECONDS}"}
    return reply(KeySetBody.of(use_cases.signer.key_set()), headers=headers)


async def revocations(use_cases: UseCases, peer: Peer) -> Response:
    """Which access tokens are dead before they expire: for a gateway that starts, or has lost the broker."""
    return reply(RevocationsBody.of(await use_cases.list_revocations()))


async def watermark(use_cases: UseCases, peer: Peer) -> Response:
    """The number to compare with: taken before the first page of members."""
    return reply(WatermarkBody(sequence=await use_cases.list_members.watermark()))


async def members(use_cases: UseCases, peer: Peer, query: MembersQuery) -> Response:
    """A page of all members with a proven address, for a service that keeps a replica of them."""
    after = (query.after_tenant, query.after_user) if query.after_tenant and query.after_user else None
    found = await use_cases.list_members(after=after, limit=query.limit)
    return reply(MembersBody(items=[MemberCopy.of(member) for member in found]))


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("GET", "/.well-known/jwks.json", key_set, {200: KeySetBody}, open=True),
    Endpoint("GET", "/internal/revocations", revocations, {200: RevocationsBody}),
    Endpoint("POST", "/internal/watermark", watermark, {200: WatermarkBody}, (StillWriting,)),
    Endpoint("GET", "/internal/members", members, {200: MembersBody}, (InvalidRequest,)),
)
