"""A service of a few endpoints, and what it answers."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

import httpx
from pydantic import Field, SecretStr
from starlette.responses import Response

from shared.clock import utc_now
from shared.contracts.caller import Caller, ContextVerifier, Peer
from shared.contracts.email import EmailField
from shared.contracts.permissions import Permission
from shared.contracts.tenancy import Role
from shared.errors import Conflict
from shared.http.app import build_app
from shared.http.client_info import Client
from shared.http.endpoint import Endpoint
from shared.http.idempotency import Attempt, Create
from shared.http.models import Answer, Body, Instant, Query
from shared.http.replies import no_content, reply
from tests.support.callers import SIGNING_KEY, a_caller, headers_of


class Said(Answer):
    """What the handler was given."""

    given: dict[str, Any]


class Beside(Answer):
    """What a refusal says beside what all of them do."""

    others: list[str]


class Note(Body):
    """What is sent."""

    text: str
    email: EmailField | None = None
    tags: tuple[str, ...] = ()
    reader: Literal[Role.HR, Role.MEMBER] | None = None
    due: Instant | None = None
    seal: Annotated[SecretStr, Field(min_length=1)] | None = None


class Filter(Query):
    """What is asked for."""

    size: int = 10
    q: str | None = None


class Handlers:
    """Stands in for the use cases."""

    problem: Exception | None = None

    def __init__(self) -> None:
        self.attempts: list[Attempt] = []

    async def once(self, attempt: Attempt, create: Create) -> Response:
        """Keeps no answer."""
        self.attempts.append(attempt)
        return await create()


async def write(use: Handlers, caller: Caller, body: Note, client: Client) -> Response:
    """Write a note."""
    if use.problem:
        raise use.problem
    return reply(Said(given={"tenant": str(caller.tenant_id), "text": body.text, "client": client.address}), 201)


async def look(use: Handlers, note_id: UUID, caller: Caller | None, query: Filter) -> Response:
    """Look at a note."""
    return reply(Said(given={"note": str(note_id), "caller": str(caller and caller.subject), "size": query.size}))


async def within(use: Handlers, peer: Peer) -> Response:
    """Only for fellow services."""
    return reply(Said(given={"peer": peer.name}))


async def public(use: Handlers) -> Response:
    """For everybody, even without the gateway."""
    return no_content()


async def gone(use: Handlers) -> Response:
    """Through the gateway, signed in or not."""
    return no_content()


ENDPOINTS = (
    Endpoint(
        "POST",
        "/notes",
        write,
        {201: Said},
        (Conflict,),
        needs=Permission.USERS_MANAGE,
        body_limit=1000,
        extensions={409: Beside},
    ),
    Endpoint("GET", "/notes/{note_id}", look, {200: Said}),
    Endpoint("DELETE", "/notes/{note_id}", gone, {204: None}),
    Endpoint("POST", "/internal/notes", within, {200: Said}),
    Endpoint("GET", "/public", public, {204: None}, open=True),
)

TENANT = UUID("0190f3a1-0000-7000-8000-000000000007")
ADMIN, MEMBER = a_caller(TENANT), a_caller(TENANT, Role.MEMBER)


async def answer(
    method: str,
    path: str,
    *,
    caller: Caller | None = ADMIN,
    headers: Mapping[str, str] | None = None,
    problem: Exception | None = None,
    use: Handlers | None = None,
    **sent: Any,
) -> httpx.Response:
    use = use or Handlers()
    use.problem = problem
    verifier = ContextVerifier(SIGNING_KEY, "notes", utc_now)
    app = build_app("notes", ENDPOINTS, use, verifier=verifier, checks={}, once=use.once)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://notes") as client:
        signed = headers_of(caller, "notes") if headers is None else headers
        return await client.request(method, path, headers={**signed, **sent.pop("more", {})}, **sent)


def problem_of(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert {"type", "title", "status", "detail", "code", "request_id"} <= body.keys()
    assert body["status"] == response.status_code
    assert body["request_id"] == response.headers["x-request-id"]
    return response.status_code, body["code"]
