"""What a browser adds to a request by itself, whoever made the page that has it ask."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from starlette.requests import Request


@dataclass(frozen=True, slots=True)
class Browser:
    """The cookies that were let through, and the origin of the page that asks, which no page can forge."""

    cookies: Mapping[str, str] = field(repr=False)
    origin: str | None

    @classmethod
    def of(cls, request: Request) -> Self:
        """Read it from the headers; an origin that is there twice is none."""
        origins = request.headers.getlist("origin")
        return cls(request.cookies, origins[0] if len(origins) == 1 else None)
