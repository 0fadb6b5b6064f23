"""Routes: the API keys of the caller's tenant, and what a gateway asks about one."""

from datetime import datetime
from uuid import UUID

from starlette.responses import Response

from services.auth.api_keys.schemas import (
    ApiKeyBody,
    ApiKeyQuery,
    KeyCheckAnswer,
    KeyCheckBody,
    KeyHolderBody,
    NewApiKeyAnswer,
    NewApiKeyBody,
)
from services.auth.domain.api_keys import IssuedKey
from services.auth.errors.keys import ApiKeyNotFound, ExpiryInThePast, ScopeTooWide, TooManyApiKeys
from services.auth.repository.api_keys import Position
from services.auth.use_cases import UseCases
from shared.contracts.caller import Caller, Peer
from shared.contracts.permissions import Permission
from shared.http.body import InvalidRequest
from shared.http.cursor import Place
from shared.http.endpoint import Endpoint
from shared.http.models import Page
from shared.http.problems import InvalidCursor
from shared.http.replies import no_content, reply

LISTING = "api_keys"


async def list_api_keys(use_cases: UseCases, caller: Caller, query: ApiKeyQuery) -> Response:
    """The API keys of the tenant, oldest first; never with the secret."""
    window = use_cases.cursors.window(caller.tenant_id, LISTING, query)
    found = await use_cases.list_api_keys(caller, after=_position(window.after), limit=window.reach)
    return reply(window.page(Page[ApiKeyBody], found, show=ApiKeyBody.of, place=_place))


def _place(key: IssuedKey) -> Place:
    return [key.created_at.isoformat(), str(key.id)]


def _position(place: Place | None) -> Position | None:
    return Position(datetime.fromisoformat(place[0]), UUID(place[1])) if place else None


async def create_api_key(use_cases: UseCases, caller: Caller, body: NewApiKeyBody) -> Response:
    """Make a key for a tool. The secret stands in this answer and is never shown again.

    A key acts in this tenant only, as far as its maker may do the same; it invites members only.
    """
    made = await use_cases.create_api_key(caller, body.name, frozenset(body.scopes), body.expires_at)
    return reply(NewApiKeyAnswer.with_secret(made), 201)


async def revoke_api_key(use_cases: UseCases, caller: Caller, key_id: UUID) -> Response:
    """Take a key back; it is dead at once."""
    await use_cases.revoke_api_key(caller, key_id)
    return no_content()


async def check_api_key(use_cases: UseCases, peer: Peer, body: KeyCheckBody) -> Response:
    """Whom a key speaks for at this moment."""
    rights = await use_cases.check_api_key(body.key_id, bytes.fromhex(body.hash))
    return reply(KeyCheckAnswer(holder=KeyHolderBody.of(rights) if rights else None))


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        "GET",
        "/api/api-keys",
        list_api_keys,
        {200: Page[ApiKeyBody]},
        (InvalidRequest, InvalidCursor),
        needs=Permission.API_KEYS_MANAGE,
    ),
    Endpoint(
        "POST",
        "/api/api-keys",
        create_api_key,
        {201: NewApiKeyAnswer},
        (InvalidRequest, ExpiryInThePast, ScopeTooWide, TooManyApiKeys),
        needs=Permission.API_KEYS_MANAGE,
    ),
    Endpoint(
        "DELETE",
        "/api/api-keys/{key_id}",
        revoke_api_key,
        {204: None},
        (ApiKeyNotFound,),
        needs=Permission.API_KEYS_MANAGE,
    ),
    Endpoint("POST", "/internal/api-keys/check", check_api_key, {200: KeyCheckAnswer}, (InvalidRequest,)),
)
