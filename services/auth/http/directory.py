"""Routes: the directory of the caller's tenant."""

from datetime import datetime
from uuid import UUID

from starlette.responses import Response

from services.auth.domain.accounts import Membership
from services.auth.errors import UserNotFound
from services.auth.repository.directory import Position
from services.auth.schemas import UserBody
from services.auth.session_schemas import UserQuery
from services.auth.use_cases import UseCases
from shared.contracts.caller import Caller
from shared.contracts.permissions import Permission
from shared.http.body import InvalidRequest
from shared.http.cursor import Place
from shared.http.endpoint import Endpoint
from shared.http.models import Page
from shared.http.problems import InvalidCursor
from shared.http.replies import reply

LISTING = "users"


async def list_users(use_cases: UseCases, caller: Caller, query: UserQuery) -> Response:
    """The people of the token's tenant, oldest members first."""
    window = use_cases.cursors.window(caller.tenant_id, LISTING, query)
    found = await use_cases.list_users(caller, query.read(), after=_position(window.after), limit=window.reach)
    return reply(window.page(Page[UserBody], found, show=UserBody.of, place=_place))


def _place(membership: Membership) -> Place:
    return [membership.created_at.isoformat(), str(membership.user_id)]


def _position(place: Place | None) -> Position | None:
    return Position(datetime.fromisoformat(place[0]), UUID(place[1])) if place else None


async def get_user(use_cases: UseCases, caller: Caller, user_id: UUID) -> Response:
    """One person of the token's tenant."""
    return reply(UserBody.of(await use_cases.get_user(caller, user_id)))


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        "GET",
        "/api/users",
        list_users,
        {200: Page[UserBody]},
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
)
