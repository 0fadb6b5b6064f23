"""What every answer tells browsers and caches to be careful about."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.request import Headers

NOTHING_MAY_LOAD = b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
NO_STORE = (b"cache-control", b"no-store")

# Not left to the services: an answer has them or it does not leave.
_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_POLICY = (b"content-security-policy", NOTHING_MAY_LOAD)
_TWO_YEARS = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")


class SecureHeaders:
    """Completes the headers of an answer."""

    def __init__(self, *, https_only: bool) -> None:
        self.always = (*_ALWAYS, _TWO_YEARS) if https_only else _ALWAYS
        self._ours = frozenset(name for name, _ in self.always)

    def complete(self, headers: Headers, *, cacheable: bool) -> list[tuple[bytes, bytes]]:
        """``headers`` (names in lower case) with ours.

        An answer may bring its own Content-Security-Policy, and if it is ``cacheable`` its own Cache-Control.
        """
        names = {name for name, _ in headers}
        complete = [header for header in headers if header[0] not in self._ours] if names & self._ours else [*headers]
        if b"content-security-policy" not in names:
            complete.append(_POLICY)
        if not cacheable and b"cache-control" in names:
            complete = [header for header in complete if header[0] != b"cache-control"]
        if not cacheable or b"cache-control" not in names:
            complete.append(NO_STORE)
        complete.extend(self.always)
        return complete


class SecureAnswers:
    """Pure ASGI, around everything; ``cacheable`` in the state of a request says what its rule allows."""

    def __init__(self, app: ASGIApp, secure: SecureHeaders) -> None:
        self._app = app
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                cacheable = scope.get("state", {}).get("cacheable", False)
                message["headers"] = self._secure.complete(message["headers"], cacheable=cacheable)
            await send(message)

        await self._app(scope, receive, send_with_headers)
