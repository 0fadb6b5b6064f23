"""What an examination comes to."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import asyncpg
import httpx

from shared.process import CannotStart

PATIENCE_SECONDS = 10.0
TOLERATED_SKEW = timedelta(seconds=5)
"""What services forgive each other in signed contexts."""


class Outcome(StrEnum):
    """How it is."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """``says`` tells of a failure what is wrong and what to do about it, and of a success what was seen."""

    subject: str
    check: str
    outcome: Outcome
    says: str


class Ailment(Exception):
    """Something is wrong; the text says what, and what to do about it."""


async def examine(subject: str, check: str, examination: Awaitable[str]) -> Finding:
    """Wait for an ``examination``, which returns what it saw, and make a finding of it however it ends."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return Finding(subject, check, Outcome.OK, await examination)
    except (Ailment, CannotStart) as error:
        says = str(error)
    except TimeoutError:
        says = f"No answer within {PATIENCE_SECONDS:.0f} s. Look whether it runs and is not overloaded."
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, httpx.HTTPError, ValueError) as error:
        says = f"{type(error).__name__}: {error}. Check the address and whether it runs."
    return Finding(subject, check, Outcome.FAILED, says)


def compare_clocks(theirs: datetime, ours: datetime) -> str:
    """How far apart they are; ``Ailment`` when signatures and links would be judged wrongly."""
    skew = theirs - ours
    if abs(skew) > TOLERATED_SKEW:
        raise Ailment(
            f"Its clock differs from this machine's by {skew.total_seconds():.1f} s. Let both keep time by NTP."
        )
    return f"{abs(skew).total_seconds():.1f} s apart"
