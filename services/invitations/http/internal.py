"""What auth asks while it lets somebody in; the gateway knows none of these routes."""

from starlette.responses import Response

from services.invitations.errors import (
    InvitationEmailMismatch,
    InvitationExpired,
    InvitationNotFound,
    InvitationRevoked,
    TenantSuspended,
)
from services.invitations.internal_schemas import (
    AddressBody,
    FoundReservationAnswer,
    PreviewAnswer,
    ReservationAnswer,
    ReservationBody,
    TokenBody,
)
from services.invitations.links import Link
from services.invitations.use_cases import UseCases
from shared.contracts.caller import Peer
from shared.http.endpoint import Endpoint
from shared.http.replies import reply


async def reserve_invitation(use_cases: UseCases, peer: Peer, body: ReservationBody) -> Response:
    """Keep the invitation behind a link for a sign-up with this address, for a minute."""
    return reply(ReservationAnswer.of(await use_cases.reserve_invitation(Link(body.token), body.email)))


async def reserve_by_address(use_cases: UseCases, peer: Peer, body: AddressBody) -> Response:
    """The same for the newest invitation to an address that was just proven, if there is one."""
    return reply(FoundReservationAnswer.of(await use_cases.reserve_by_address(body.email, besides=body.besides)))


async def preview_invitation(use_cases: UseCases, peer: Peer, body: TokenBody) -> Response:
    """What a link leads to; looking changes nothing."""
    return reply(PreviewAnswer.of(await use_cases.preview_invitation(Link(body.token))))


INTERNAL_ENDPOINTS = (
    Endpoint(
        "POST",
        "/internal/reservations",
        reserve_invitation,
        {200: ReservationAnswer},
        (
            InvitationNotFound,
            InvitationExpired,
            InvitationRevoked,
            InvitationEmailMismatch,
            TenantSuspended,
        ),
    ),
    Endpoint("POST", "/internal/reservations/by-address", reserve_by_address, {200: FoundReservationAnswer}),
    Endpoint(
        "POST",
        "/internal/invitations/preview",
        preview_invitation,
        {200: PreviewAnswer},
        (InvitationNotFound,),
    ),
)
