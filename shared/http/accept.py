"""Which form of an answer a client wants."""

from dataclasses import dataclass
from typing import Self

from starlette.requests import Request

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Accept:
    """The media types of an ``Accept`` header (RFC 9110, section 12.5.1), in their order; weights are overlooked."""

    types: tuple[str, ...] = ()

    @classmethod
    def of(cls, request: Request) -> Self:
        """Read it from the request."""
        listed = ",".join(request.headers.getlist("accept")).split(",")
        return cls(tuple(each.partition(";")[0].strip().lower() for each in listed))

    def first_of(self, usual: str, *others: str) -> str:
        """The first of the listed types that is offered; ``usual`` when none is, or when anything will do."""
        return next((each for each in self.types if each in (usual, *others)), usual)
