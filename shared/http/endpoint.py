"""Endpoints as data: a handler's signature says what it needs, and is read once, when the app is built."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from shared.actor import act_for
from shared.contracts.caller import (
    CONTEXT_HEADER,
    Caller,
    ContextVerifier,
    InvalidContext,
    NotForApiKeys,
    Peer,
)
from shared.contracts.permissions import Permission
from shared.errors import Problem, Unauthenticated
from shared.http.accept import Accept
from shared.http.body import parse_body, read_json, read_path, read_query
from shared.http.browser import Browser
from shared.http.client_info import Client
from shared.http.idempotency import Attempt, Once, fingerprint_of, key_of

BODY_LIMIT = 64 * 1024

Handler = Callable[..., Awaitable[Response]]
Answers = Mapping[int, type[BaseModel] | None]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One route of a service.

    The handler's first parameter takes the service's use cases; the others are filled by name: ``caller`` (annotated
    ``Caller``: a signed-in caller is required; ``Caller | None``: taken note of), ``peer`` (a fellow service is
    required), ``body`` and ``query`` (pydantic models), ``client`` (address, device), ``browser`` (cookies, origin of
    the page), ``accept`` (media types that the client wants), and path parameters (``UUID`` or ``str``). Whoever comes
    without a context signed by the gateway or a fellow service gets 401, unless ``open``. An API key is let in only
    where ``needs`` names a permission that it has. Where a caller creates something (POST, 201), it is created once per
    ``Idempotency-Key``.
    """

    method: str
    path: str
    handle: Handler
    answers: Answers
    problems: tuple[type[Problem], ...] = ()
    needs: Permission | None = None
    open: bool = False
    body_limit: int = BODY_LIMIT
    exports: tuple[str, ...] = ()
    """Other media types that a 200 may have, for clients that ask for them."""
    extensions: Mapping[int, type[BaseModel]] = field(default_factory=dict)
    """What problems of a status may say beside what all of them do."""
    signature: "Signature" = field(init=False, compare=False)

    def __post_init__(self) -> None:
        signature = Signature.of(self.handle)
        if self.needs and signature.caller is not Caller:
            raise TypeError(f"{self.method} {self.path} needs {self.needs} but takes no caller")
        object.__setattr__(self, "signature", signature)

    @property
    def internal(self) -> bool:
        """Only for fellow services."""
        return self.signature.peer

    @property
    def creates(self) -> bool:
        """Whether it takes an ``Idempotency-Key``."""
        return self.method == "POST" and 201 in self.answers and self.signature.caller is Caller


@dataclass(frozen=True, slots=True)
class Signature:
    """What a handler asks for beside the use cases."""

    caller: type[Caller] | type[Caller | None] | None
    peer: bool
    body: type[BaseModel] | None
    query: type[BaseModel] | None
    client: bool
    browser: bool
    accept: bool
    path: Mapping[str, type]

    @classmethod
    def of(cls, handle: Handler) -> "Signature":
        """Read it from the annotations."""
        hints = get_type_hints(handle)
        names = list(inspect.signature(handle).parameters)[1:]
        wanted = {name: hints[name] for name in names}
        return cls(
            caller=wanted.pop("caller", None),
            peer=wanted.pop("peer", None) is Peer,
            body=wanted.pop("body", None),
            query=wanted.pop("query", None),
            client=wanted.pop("client", None) is Client,
            browser=wanted.pop("browser", None) is Browser,
            accept=wanted.pop("accept", None) is Accept,
            path=wanted,
        )

    @property
    def caller_optional(self) -> bool:
        """Whether a caller is looked at but not required."""
        return get_origin(self.caller) in (Union, UnionType) and NoneType in get_args(self.caller)


def bind(
    endpoint: Endpoint, use_cases: Any, verifier: ContextVerifier, once: Once | None = None
) -> Callable[[Request], Awaitable[Response]]:
    """The function that Starlette calls: who asks, may they, what do they ask, then the handler."""
    wants, only_once = endpoint.signature, once if endpoint.creates else None
    if endpoint.creates and once is None:
        raise TypeError(f"{endpoint.method} {endpoint.path} creates, but nothing here keeps answers")

    async def answer(request: Request) -> Response:
        arguments: dict[str, Any] = {}
        sent = b""
        if not endpoint.open:
            arguments |= _identify(request, endpoint, verifier)
        for name, kind in wants.path.items():
            arguments[name] = read_path(request, name, kind)
        if wants.query:
            arguments["query"] = read_query(request, wants.query)
        if wants.body:
            sent = await read_json(request, endpoint.body_limit)
            arguments["body"] = parse_body(sent, wants.body)
        arguments |= _told_by_headers(request, wants)
        handle = partial(endpoint.handle, use_cases, **arguments)
        if only_once and (key := key_of(request)):
            return await only_once(Attempt(arguments["caller"], endpoint.path, key, fingerprint_of(sent)), handle)
        return await handle()

    return answer


def _told_by_headers(request: Request, wants: Signature) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if wants.client:
        told["client"] = Client.of(request)
    if wants.browser:
        told["browser"] = Browser.of(request)
    if wants.accept:
        told["accept"] = Accept.of(request)
    return told


def _identify(request: Request, endpoint: Endpoint, verifier: ContextVerifier) -> dict[str, Any]:
    contexts = request.headers.getlist(CONTEXT_HEADER)
    if len(contexts) != 1:
        raise InvalidContext
    who, wants = verifier.verify(contexts[0]), endpoint.signature
    act_for(who.actor if isinstance(who, Caller) else None)
    if wants.peer:
        if not isinstance(who, Peer):
            raise InvalidContext("This route is for fellow services.")
        return {"peer": who}
    if isinstance(who, Peer):
        raise InvalidContext("This route is not for fellow services.")
    if wants.caller is None:
        return {}
    if who is None and not wants.caller_optional:
        raise Unauthenticated
    if who and endpoint.needs:
        who.require(endpoint.needs)
    elif who and who.key_id:
        raise NotForApiKeys
    return {"caller": who}
