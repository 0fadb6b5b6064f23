"""Routes: the people of the caller's tenant."""

from datetime import datetime
from uuid import UUID

from starlette.responses import Response

from services.auth.domain.accounts import Membership
from services.auth.errors.members import AddressUnproven, LastOwner, NotApproved, RoleTooHigh, UserNotFound
from services.auth.repository.directory import Position
from services.auth.schemas import UserBody
from services.auth.sessions.schemas import UserChangeBody, UserQuery
from services.auth.use_cases import UseCases
from shared.contracts.caller import Caller
from shared.contracts.permissions import Permission
from shared.http.body import InvalidRequest
from shared.http.cursor import Place
from shared.http.endpoint import Endpoint
from shared.http.models import Page
from shared.http.problems import InvalidCursor
from shared.http.replies import no_content, reply

LISTING = "users"

_Users = Page[UserBody]


async def list_users(use_cases: UseCases, caller: Caller, query: UserQuery) -> Response:
    """The people of the token's tenant, oldest members first."""
    window = use_cases.cursors.window(caller.tenant_id, LISTING, query)
    found = await use_cases.list_users(caller, query.read(), after=_position(window.after), limit=window.reach)
    return reply(window.page(_Users, found, place=_place))


def _place(membership: Membership) -> Place:
    return [membership.created_at.isoformat(), str(membership.user_id)]


def _position(place: Place | None) -> Position | None:
    return Position(datetime.fromisoformat(place[0]), UUID(place[1])) if place else None


async def get_user(use_cases: UseCases, caller: Caller, user_id: UUID) -> Response:
    """One person of the token's tenant."""
    return reply(UserBody.of(await use_cases.get_user(caller, user_id)))


async def change_user(use_cases: UseCases, caller: Caller, user_id: UUID, body: UserChangeBody) -> Response:
    """Change what a person is in the tenant, within your own role; `active` also approves who is `pending`.

    A new role holds at once: access tokens with the former one are dead, and a refresh brings a new one. `suspended`
    ends all sessions here.
    """
    return reply(UserBody.of(await use_cases.change_member(caller, user_id, body.read())))


async def remove_user(use_cases: UseCases, caller: Caller, user_id: UUID) -> Response:
    """Take a person out of the tenant, with their sessions here and the API keys that they made.

    They can be invited again.
    """
    await use_cases.remove_member(caller, user_id)
    return no_content()


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        "GET",
        "/api/users",
        list_users,
        {200: _Users},
        (InvalidRequest, InvalidCursor),
        needs=Permission.USERS_READ,
    ),
    Endpoint(
        "GET",
        "/api/users/{user_id}",
        get_user,
        {200: UserBody},
        (UserNotFound,),
        needs=Permission.USERS_READ,
    ),
    Endpoint(
        "PATCH",
        "/api/users/{user_id}",
        change_user,
        {200: UserBody},
        (InvalidRequest, UserNotFound, RoleTooHigh, LastOwner, NotApproved, AddressUnproven),
        needs=Permission.USERS_MANAGE,
    ),
    Endpoint(
        "DELETE",
        "/api/users/{user_id}",
        remove_user,
        {204: None},
        (UserNotFound, RoleTooHigh, LastOwner),
        needs=Permission.USERS_MANAGE,
    ),
)
