"""What people and HR tools ask, through the gateway."""

from datetime import datetime
from uuid import UUID

from starlette.responses import Response

from services.invitations.domain.invitation import Invitation
from services.invitations.errors import (
    AlreadyMember,
    InvitationNotFound,
    InvitationNotPending,
    InvitationReserved,
    RoleTooHigh,
    StandingUnsettled,
    TenantHasOwner,
    TenantNotFound,
    TenantSuspended,
    TenantUnknown,
)
from services.invitations.repository.listing import Position
from services.invitations.schemas import (
    GenerateInvitationBody,
    InvitationAnswer,
    InvitationQuery,
    InviteBody,
    InvitedAnswer,
    InviteOwnerBody,
)
from services.invitations.use_cases import UseCases
from shared.contracts.caller import Caller, TenantMismatch
from shared.contracts.email import InvalidEmail
from shared.contracts.permissions import Permission
from shared.http.cursor import Place
from shared.http.endpoint import Endpoint
from shared.http.models import Page
from shared.http.problems import InvalidCursor
from shared.http.replies import reply

_LISTING = "invitations"
_INVITE_PROBLEMS = (
    InvalidEmail,
    RoleTooHigh,
    AlreadyMember,
    InvitationReserved,
    TenantSuspended,
    TenantUnknown,
    StandingUnsettled,
)


async def invite(use_cases: UseCases, caller: Caller, body: InviteBody) -> Response:
    """Invite an address to the tenant of the token.

    While the address is invited already: the same invitation on the new terms, freshly sent under a new link (200).
    The link stands in this answer and in the mail, and is never shown again.
    """
    invited = await use_cases.invite(caller, body.email, body.offer)
    return reply(InvitedAnswer.with_link(invited), 201 if invited.is_new else 200)


async def generate_invitation(use_cases: UseCases, caller: Caller, body: GenerateInvitationBody) -> Response:
    """Invite an address, naming the tenant, which must be that of the token."""
    caller.require_tenant(body.tenant_id)
    return await invite(use_cases, caller, body)


async def list_invitations(use_cases: UseCases, caller: Caller, query: InvitationQuery) -> Response:
    """The tenant's invitations, newest first; never with the link."""
    window = use_cases.cursors.window(caller.tenant_id, _LISTING, query)
    found = await use_cases.list_invitations(caller, query.filter, after=_position(window.after), limit=window.reach)
    return reply(window.page(Page[InvitationAnswer], found, show=InvitationAnswer.of, place=_place))


def _place(invitation: Invitation) -> Place:
    return [invitation.created_at.isoformat(), str(invitation.id)]


def _position(place: Place | None) -> Position | None:
    return Position(datetime.fromisoformat(place[0]), UUID(place[1])) if place else None


async def read_invitation(use_cases: UseCases, caller: Caller, invitation_id: UUID) -> Response:
    """One invitation of the tenant; never with the link."""
    return reply(InvitationAnswer.of(await use_cases.read_invitation(caller, invitation_id)))


async def resend_invitation(use_cases: UseCases, caller: Caller, invitation_id: UUID) -> Response:
    """Mail a new link. The old one is dead, the expiry starts anew."""
    return reply(InvitationAnswer.of(await use_cases.resend_invitation(caller, invitation_id)))


async def revoke_invitation(use_cases: UseCases, caller: Caller, invitation_id: UUID) -> Response:
    """Take an invitation back. Its link is dead; doing it again is a success."""
    return reply(InvitationAnswer.of(await use_cases.revoke_invitation(caller, invitation_id)))


async def invite_owner(use_cases: UseCases, caller: Caller, tenant_id: UUID, body: InviteOwnerBody) -> Response:
    """Ask somebody to be the first owner of a tenant that has none; for operators.

    Whoever was asked before is asked no more, and their link is dead; asking the same address again mails a new link.
    Links stand in the mails alone.
    """
    return reply(InvitationAnswer.of(await use_cases.invite_owner(tenant_id, body.email, by=caller.subject)))


PUBLIC_ENDPOINTS = (
    Endpoint(
        "POST",
        "/api/invitations",
        invite,
        {200: InvitedAnswer, 201: InvitedAnswer},
        _INVITE_PROBLEMS,
        needs=Permission.INVITATIONS_MANAGE,
    ),
    Endpoint(
        "POST",
        "/api/auth/invitations/generate",
        generate_invitation,
        {200: InvitedAnswer, 201: InvitedAnswer},
        (*_INVITE_PROBLEMS, TenantMismatch),
        needs=Permission.INVITATIONS_MANAGE,
    ),
    Endpoint(
        "GET",
        "/api/invitations",
        list_invitations,
        {200: Page[InvitationAnswer]},
        (InvalidCursor,),
        needs=Permission.INVITATIONS_MANAGE,
    ),
    Endpoint(
        "GET",
        "/api/invitations/{invitation_id}",
        read_invitation,
        {200: InvitationAnswer},
        (InvitationNotFound,),
        needs=Permission.INVITATIONS_MANAGE,
    ),
    Endpoint(
        "POST",
        "/api/invitations/{invitation_id}/resend",
        resend_invitation,
        {200: InvitationAnswer},
        (InvitationNotFound, InvitationNotPending, InvitationReserved, RoleTooHigh, TenantSuspended),
        needs=Permission.INVITATIONS_MANAGE,
    ),
    Endpoint(
        "POST",
        "/api/invitations/{invitation_id}/revoke",
        revoke_invitation,
        {200: InvitationAnswer},
        (InvitationNotFound, InvitationNotPending, InvitationReserved, RoleTooHigh),
        needs=Permission.INVITATIONS_MANAGE,
    ),
    Endpoint(
        "POST",
        "/api/tenants/{tenant_id}/invite-owner",
        invite_owner,
        {200: InvitationAnswer},
        (InvalidEmail, TenantNotFound, TenantHasOwner, InvitationReserved, TenantSuspended, StandingUnsettled),
        needs=Permission.PLATFORM_OPERATE,
    ),
)
