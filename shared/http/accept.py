"""Which form of an answer a client wants."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from starlette.requests import Request

JSON = "application/json"
MOST_RANGES = 64
"""That are looked at; a header has room for thousands."""

_WEIGHT = re.compile(r"q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")


@dataclass(frozen=True, slots=True)
class MediaRange:
    """Media types that a client takes, and how gladly: from 0, which is not at all, to 1."""

    type: str
    weight: float

    @property
    def is_exact(self) -> bool:
        """Whether it names one media type."""
        return "*" not in self.type

    def covers(self, media_type: str) -> bool:
        """Whether ``media_type`` is among them. Of parameters, only the weight is looked at."""
        kind = media_type.partition("/")[0]
        return self.type in {media_type, f"{kind}/*", "*/*"}


@dataclass(frozen=True, slots=True)
class Accept:
    """An ``Accept`` header (RFC 9110, section 12.5.1), in its order. A range whose weight is none is overlooked."""

    ranges: tuple[MediaRange, ...] = ()

    @classmethod
    def of(cls, request: Request) -> Self:
        """Read it from the request."""
        return cls.of_values(request.headers.getlist("accept"))

    @classmethod
    def of_values(cls, values: Iterable[str]) -> Self:
        """Read it from all that came under its name."""
        listed = ",".join(values).lower().split(",", MOST_RANGES)[:MOST_RANGES]
        return cls(tuple(found for each in listed if (found := _range(each))))

    def best_of(self, usual: str, *others: str) -> str:
        """The offered type that the client likes best; ``usual`` when it likes none, or no other better.

        Of several that it likes as much, one that it names goes before one of a range, and then the first that it
        names.
        """
        best, most = usual, self._liking(usual)
        for each in others:
            if (liking := self._liking(each)) > most:
                best, most = each, liking
        return best

    def _liking(self, media_type: str) -> tuple[float, bool, int]:
        """The most specific range that covers it decides."""
        fitting = [(each, -place) for place, each in enumerate(self.ranges) if each.covers(media_type)]
        if not fitting:
            return 0.0, False, 0
        deciding, place = min(fitting, key=lambda found: found[0].type.count("*"))
        named = deciding.is_exact and deciding.weight > 0
        return deciding.weight, named, place if named else 0


def _range(text: str) -> MediaRange | None:
    media_type, *parameters = (part.strip() for part in text.split(";"))
    weights = [each for each in parameters if each.startswith("q=")]
    if not weights:
        return MediaRange(media_type, 1.0)
    found = _WEIGHT.fullmatch(weights[0])
    return MediaRange(media_type, float(found[1])) if found else None
