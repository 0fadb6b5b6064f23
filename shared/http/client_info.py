"""What is known of the client behind a request."""

from dataclasses import dataclass
from typing import Self

from starlette.requests import Request

ADDRESS_HEADER = "x-client-address"
"""Set by the gateway, which drops the client's own; believable because only the gateway can sign a context."""

LONGEST_AGENT = 300


@dataclass(frozen=True, slots=True)
class Client:
    """Where a request comes from: an IP address, and what the software there calls itself."""

    address: str
    agent: str

    @classmethod
    def of(cls, request: Request) -> Self:
        """Read it from the gateway's headers."""
        address = request.headers.get(ADDRESS_HEADER) or (request.client.host if request.client else "")
        return cls(address, request.headers.get("user-agent", "")[:LONGEST_AGENT])
