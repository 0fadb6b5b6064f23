"""All three services in one: tells what it was sent, and does what the header ``x-want`` wants."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from shared.clock import utc_now
from shared.contracts.caller import CONTEXT_HEADER, Caller, ContextVerifier, Peer
from tests.support.access_tokens import Issuer
from tests.support.callers import SIGNING_KEY

PIECE = b"x" * 64 * 1024
PIECES = 320
"""Of ``big`` answers: 20 MiB."""


@dataclass
class Backend:
    """An ASGI app. ``seen`` are the requests that came on behalf of clients, the newest last."""

    issuer: Issuer = field(default_factory=Issuer)
    seen: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=2000))
    revoked: dict[str, Any] = field(default_factory=lambda: {"sessions": [], "tenants": []})
    ready: dict[str, Any] = field(default_factory=lambda: {"status": "ok", "checks": {"database": "ok"}})
    key_holder: dict[str, Any] | None = None
    """Whose any API key is."""
    document: dict[str, Any] = field(default_factory=lambda: {"paths": {}})
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        answers = {
            "/.well-known/jwks.json": {"keys": [self.issuer.public_jwk]},
            "/internal/revocations": self.revoked,
            "/internal/api-keys/check": {"holder": self.key_holder},
            "/readyz": self.ready,
            "/openapi.json": self.document,
        }
        if (scope["path"] in answers and CONTEXT_HEADER not in request.headers) or _is_from_a_peer(request):
            await JSONResponse(answers[scope["path"]])(scope, receive, send)
            return
        await self._answer(request, scope, receive, send)

    async def _answer(self, request: Request, scope: Scope, receive: Receive, send: Send) -> None:
        want = request.headers.get("x-want", "")
        self.seen.append(await told(request))
        if want == "big":
            await self._answer_at_length(send)
        elif want == "break":
            await send(_start([(b"content-length", b"1000")]))
            await send({"type": "http.response.body", "body": b"only this", "more_body": True})
            raise ConnectionAbortedError
        elif want == "wait":
            await self._wait_for_the_client_to_leave(receive)
        elif want == "cached":
            await JSONResponse({}, headers={"Cache-Control": "public, max-age=300"})(scope, receive, send)
        elif want.isdigit():
            headers = {"Retry-After": "7", "X-Odd": "1", "Set-Cookie": "a=b", "Server": "x", "Connection": "x-odd"}
            headers |= {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Credentials": "true"}
            await JSONResponse({"status": int(want)}, int(want), headers)(scope, receive, send)
        else:
            answer = JSONResponse(self.seen[-1], headers={"X-Request-ID": "the service's own"})
            await answer(scope, receive, send)

    async def _answer_at_length(self, send: Send) -> None:
        await send(_start([(b"content-length", b"%d" % (len(PIECE) * PIECES))]))
        await send({"type": "http.response.body", "body": PIECE, "more_body": True})
        await self.go_on.wait()
        for left in reversed(range(PIECES - 1)):
            await send({"type": "http.response.body", "body": PIECE, "more_body": left > 0})

    async def _wait_for_the_client_to_leave(self, receive: Receive) -> None:
        self.go_on.set()
        while (await receive())["type"] != "http.disconnect":
            pass
        self.cancelled.set()


async def told(request: Request) -> dict[str, Any]:
    """A request, as a service sees it, in JSON."""
    body = await request.body()
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.scope["headers"]]
    return {
        "method": request.method,
        "path": request.scope["raw_path"].decode("latin-1"),
        "query": request.scope["query_string"].decode("latin-1"),
        "headers": headers,
        "body": body.decode("latin-1"),
        "caller": _caller(request),
    }


def values(seen: dict[str, Any], name: str) -> list[str]:
    """What a service saw under this name, however it may read it."""
    wanted = _folded(name)
    return [value for candidate, value in seen["headers"] if _folded(candidate) == wanted]


def _folded(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())


def _caller(request: Request) -> dict[str, Any] | None:
    """Whom the gateway's word is about, for whichever service it was meant."""
    for service in ("auth", "tenants", "invitations"):
        verifier = ContextVerifier(SIGNING_KEY, service, utc_now)
        try:
            who = verifier.verify(request.headers[CONTEXT_HEADER])
        except Exception:  # noqa: BLE001, S112 - meant for another service
            continue
        if isinstance(who, Caller):
            return {"service": service, "subject": str(who.subject), "tenant_id": str(who.tenant_id), "role": who.role}
        return {"service": service}
    return None


def _is_from_a_peer(request: Request) -> bool:
    context = request.headers.get(CONTEXT_HEADER)
    if context is None or not request.url.path.startswith(("/internal/", "/.well-known/")):
        return False
    return isinstance(ContextVerifier(SIGNING_KEY, "auth", utc_now).verify(context), Peer)


def _start(headers: list[tuple[bytes, bytes]]) -> dict[str, Any]:
    return {"type": "http.response.start", "status": 200, "headers": headers}
