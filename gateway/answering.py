"""What an answer gets on its way to the client, and what is known of a request when it is told to log and metrics."""

from collections.abc import Awaitable

from starlette.types import Message, Send
from structlog.contextvars import bind_contextvars

from gateway.authenticate.known_caller import KnownCaller
from gateway.problems import Told
from gateway.request import Headers
from gateway.secure_headers import SecureHeaders
from gateway.server.exchange import BLOCK, REST
from shared.http.request_id import current_request_id

ANSWERING = "answering"
"""Under this name the state of a scope holds the ``Answering`` of its request."""

UNMATCHED = "unmatched"


class Answering:
    """The answer to one request. ``send`` is what the app is given to answer with."""

    __slots__ = (
        "_secure",
        "_send",
        "_told",
        "address",
        "cacheable",
        "caller",
        "code",
        "rest_seconds",
        "route",
        "standing",
        "status",
    )

    def __init__(self, send: Send, secure: SecureHeaders) -> None:
        self._send = send
        self._secure = secure
        self._told: list[tuple[bytes, bytes]] = []
        self.status = 0
        """0 until it has begun."""
        self.route = UNMATCHED
        self.address: str | None = None
        """Where the request comes from, once that was looked at."""
        self.cacheable = False
        """Whether the rule allows an answer to be kept by a cache."""
        self.code: str | None = None
        """Of the problem that it is."""
        self.rest_seconds = 0.0
        """For how long nothing more is done for the connection once it has the answer."""
        self.caller: KnownCaller | None = None
        self.standing: Told | None = None
        """With the allowance that the client meets first."""

    def tell(self, headers: Headers) -> None:
        """Say this, too, whatever answer it becomes."""
        self._told += headers

    def bind_to_log(self) -> None:
        """Have all further log lines of this request say which it is, and whose. Most requests log nothing."""
        bind_contextvars(request_id=current_request_id(), **(self.caller.logged if self.caller else {}))

    def send(self, message: Message) -> Awaitable[None]:
        """Send it on, with all headers."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers, block = self._secure.complete(message["headers"], cacheable=self.cacheable)
            headers += self._told
            if self.standing:
                block += self.standing.lines()
            message["headers"], message[BLOCK], message[REST] = headers, block, self.rest_seconds
        return self._send(message)
