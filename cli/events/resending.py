"""`sparknode events replay`: which published events go out again."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cli.events.subject import Subject
from shared.clock import utc_now
from shared.messaging.resending import Resending, Selection

_AGO = re.compile(r"(\d+)([smhd])")
_HOW = "Write 30s, 5m, 2h or 7d, or an instant such as 2026-11-26T02:00:00Z."
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True)
class Resent:
    """Events of one type. ``too_old``: those that consumers may have forgotten, which stay where they are."""

    service: str
    type: str
    events: int
    too_old: int


def parse_since(written: str, now: datetime) -> datetime:
    """``2h``, ``30m``, ``7d``, or an instant as in RFC 3339 with its offset; ``ValueError`` for anything else."""
    try:
        if ago := _AGO.fullmatch(written):
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        at = datetime.fromisoformat(written)
        if at.tzinfo:
            return at.astimezone(UTC)
    except (ValueError, OverflowError):  # or it is before all calendars
        raise ValueError(_HOW) from None
    raise ValueError(f"{_HOW} The zone has to be there")


async def resent(subject: Subject, since: datetime, types: Sequence[str], *, dry_run: bool) -> list[Resent]:
    """Have them sent, or with ``dry_run`` only counted."""
    selection = Selection(since, utc_now(), types or None)
    resending = Resending(subject.database, subject.memory)
    counted = await resending.count(selection)
    if not dry_run:
        await resending(selection)
    return [Resent(subject.service.value, kind, fresh, stale) for kind, (fresh, stale) in counted.items()]
