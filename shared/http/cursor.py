"""Lists page by page, with cursors that only the same list of the same tenant takes."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from shared.http.models import Answer, Page, PageQuery
from shared.http.problems import InvalidCursor

_SEAL_BYTES = 16

T = TypeVar("T")
A = TypeVar("A", bound=Answer)
Place = list[str]
"""Where a row stands in its list: the values that the list is sorted by, as texts."""


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a list that a request asks for: what comes behind ``after``, from the start if there is none."""

    after: Place | None
    limit: int
    _seal: Callable[[Place], str] = field(repr=False)

    @property
    def reach(self) -> int:
        """How many rows to fetch: one more than is shown says whether the list goes on."""
        return self.limit + 1

    def page(
        self,
        kind: type[Page[A]],
        found: Sequence[T],
        *,
        show: Callable[[T], A] | None = None,
        place: Callable[[T], Place],
    ) -> Page[A]:
        """The page of up to ``reach`` rows that were found. Without ``show`` its items are made of their attributes."""
        shown = found[: self.limit]
        goes_on = len(found) > self.limit
        items = [show(row) for row in shown] if show else shown
        return kind.of(items, self._seal(place(shown[-1])) if goes_on else None)


@dataclass(frozen=True, slots=True)
class CursorSealer:
    """Makes and opens cursors. A cursor is a place in a list and a MAC over tenant, list, filters and place."""

    key: str = field(repr=False)

    def window(self, tenant_id: UUID, listing: str, query: PageQuery) -> Window:
        """What ``query`` asks to see of ``listing``; ``InvalidCursor`` when its cursor is not of this very list."""
        return Window(
            self._open(query.cursor, tenant_id, listing, query) if query.cursor is not None else None,
            query.limit,
            lambda place: self._seal(place, tenant_id, listing, query),
        )

    def _seal(self, place: Place, tenant_id: UUID, listing: str, query: PageQuery) -> str:
        body = json.dumps(place, separators=(",", ":")).encode()
        return _written(self._mac(body, tenant_id, listing, query) + body)

    def _open(self, cursor: str, tenant_id: UUID, listing: str, query: PageQuery) -> Place:
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError) as error:
            raise InvalidCursor from error
        if _written(raw) != cursor:  # with padding, or other bits in the last letter that stand for nothing
            raise InvalidCursor
        seal, body = raw[:_SEAL_BYTES], raw[_SEAL_BYTES:]
        if not hmac.compare_digest(seal, self._mac(body, tenant_id, listing, query)):
            raise InvalidCursor
        place: Place = json.loads(body)
        return place

    def _mac(self, body: bytes, tenant_id: UUID, listing: str, query: PageQuery) -> bytes:
        filters = query.model_dump_json(exclude={"cursor", "limit"})
        message = b"\0".join((b"cursor", tenant_id.bytes, listing.encode(), filters.encode(), body))
        return hmac.digest(self.key.encode(), message, hashlib.sha256)[:_SEAL_BYTES]


def _written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
