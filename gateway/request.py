"""A request as the gateway looks at it: method, path, headers, and who is at the other end of the connection."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from starlette.types import Scope

from gateway.path import judge
from shared.http.accept import JSON, Accept

Headers = Sequence[tuple[bytes, bytes]]
"""Names in lower case, in the order in which they came, duplicates included."""


Telling = Mapping[bytes, Sequence[bytes]]
"""Every value of those headers that somebody looks at by name."""

SAID = "said"
"""Under this name the state of a scope holds what its headers tell, if the server has found that out already."""

_LOOKED_AT = frozenset(
    b"accept access-control-request-method authorization content-length expect forwarded host origin traceparent "
    b"transfer-encoding upgrade x-forwarded-for x-request-id x-tenant-id".split()
)


BODY_AT_HAND = "body_at_hand"
"""And under this one what takes a body that has come whole."""


def _nothing() -> None:
    return None


def telling(headers: Headers) -> Telling:
    """What the headers say that are looked at by name, in one go."""
    said: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        if name in _LOOKED_AT:
            if name in said:
                said[name].append(value)
            else:
                said[name] = [value]
    return said


@dataclass(slots=True)
class Request:
    """What came in. ``target`` is what a service is asked for: the judged path, and the query as it is."""

    method: str
    path: str
    target: bytes
    headers: Headers
    peer: str
    said: Telling = field(default_factory=dict)
    body_at_hand: Callable[[], bytes | None] = _nothing
    """Takes all of the body, if that has come already."""

    def __post_init__(self) -> None:
        self.said = self.said or telling(self.headers)

    @classmethod
    def of(cls, scope: Scope) -> Self:
        """Read an ASGI scope; ``MalformedPath`` when its path is ambiguous."""
        raw_path, query = scope["raw_path"], scope["query_string"]
        path = judge(raw_path, query)
        target = raw_path + b"?" + query if query else raw_path
        peer = scope["client"][0] if scope.get("client") else ""
        state = scope["state"]
        said, at_hand = state.get(SAID) or {}, state.get(BODY_AT_HAND, _nothing)
        return cls(scope["method"], path, target, scope["headers"], peer, said, at_hand)

    def values(self, name: bytes) -> Sequence[bytes]:
        """Every value that came under ``name``, one of those that are looked at."""
        return self.said.get(name, ())

    def wants_one_of(self, forms: Sequence[str]) -> bool:
        """Whether a service that has JSON, and these media types, will choose one of these: it reads as we do."""
        accept = Accept.of_values(value.decode("latin-1") for value in self.values(b"accept"))
        return accept.best_of(JSON, *forms) != JSON

    @property
    def has_body(self) -> bool:
        """Whether a body follows (RFC 9112, section 6.3)."""
        return b"transfer-encoding" in self.said or self.body_length != 0

    @property
    def body_length(self) -> int:
        """The announced length of the body, 0 when there is none or it comes in chunks."""
        lengths = self.said.get(b"content-length")
        return int(lengths[0]) if lengths else 0
