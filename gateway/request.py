"""A request as the gateway looks at it: method, path, headers, and who is at the other end of the connection."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from starlette.types import Scope

from gateway.path import judge

Headers = Sequence[tuple[bytes, bytes]]
"""Names in lower case, in the order in which they came, duplicates included."""


@dataclass(slots=True)
class Request:
    """What came in. ``target`` is what a service is asked for: the judged path, and the query as it is."""

    method: str
    path: str
    target: bytes
    headers: Headers
    peer: str
    _by_name: dict[bytes, list[bytes]] | None = None

    @classmethod
    def of(cls, scope: Scope) -> Self:
        """Read an ASGI scope; ``MalformedPath`` when its path is ambiguous."""
        raw_path, query = scope["raw_path"], scope["query_string"]
        path = judge(raw_path, query)
        target = raw_path + b"?" + query if query else raw_path
        peer = scope["client"][0] if scope.get("client") else ""
        return cls(scope["method"], path, target, scope["headers"], peer)

    def values(self, name: bytes) -> list[bytes]:
        """Every value that came under ``name``."""
        if self._by_name is None:
            self._by_name = {}
            for candidate, value in self.headers:
                self._by_name.setdefault(candidate, []).append(value)
        return self._by_name.get(name, [])

    @property
    def wants_file(self) -> bool:
        """Whether all of a list is asked for in one, as CSV or as lines of JSON."""
        accepted = b",".join(self.values(b"accept")).lower()
        return b"text/csv" in accepted or b"application/x-ndjson" in accepted

    @property
    def has_body(self) -> bool:
        """Whether a body follows (RFC 9112, section 6.3)."""
        return self.body_length != 0 or bool(self.values(b"transfer-encoding"))

    @property
    def body_length(self) -> int:
        """The announced length of the body, 0 when there is none or it comes in chunks."""
        lengths = self.values(b"content-length")
        return int(lengths[0]) if lengths else 0
