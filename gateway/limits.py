"""How often an address may ask, by class of route: the generic cell rate algorithm in memory of fixed size."""

import hashlib
import os
import struct
import time
from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gateway.problems import TooManyRequests
from gateway.rule import LimitClass

MINUTE = 60.0
ROUNDING = 1e-6
ROWS = 4
SLOTS = 1 << 16
_INDEXES = struct.Struct(f"<{ROWS}H")

PerMinute = Mapping[LimitClass, int]


def _empty() -> "array[float]":
    return array("d", bytes(8 * ROWS * SLOTS))


@dataclass(frozen=True, slots=True)
class Allowance:
    """``per_minute`` requests at once, and as many again spread over each minute, for every address.

    GCRA (ITU-T I.371): per address one number, the time at which its bucket is empty again. The numbers live in a
    sketch: an address owns one slot in each of four rows, chosen by a keyed hash, and counts as the lowest of the
    four. Nothing is ever evicted, so no flood of addresses clears a counter; it can at worst make strangers share
    one, in all four rows at once, which without the key takes filling most of the table.
    """

    per_minute: int
    monotonic: Callable[[], float] = time.monotonic
    _free_at: "array[float]" = field(default_factory=_empty)
    _key: bytes = field(default_factory=lambda: os.urandom(16))

    def spend(self, address: str) -> float:
        """Take one. 0 if there was one; otherwise nothing is taken, and the seconds until there will be one."""
        interval = MINUTE / self.per_minute
        now = self.monotonic()
        slots = self._slots(address)
        free_at = max(now, min(self._free_at[slot] for slot in slots)) + interval
        wait = free_at - now - MINUTE
        if wait > ROUNDING:
            return wait
        for slot in slots:
            self._free_at[slot] = max(self._free_at[slot], free_at)
        return 0.0

    def _slots(self, address: str) -> list[int]:
        digest = hashlib.blake2b(address.encode(), digest_size=_INDEXES.size, key=self._key).digest()
        return [row * SLOTS + index for row, index in enumerate(_INDEXES.unpack(digest))]


class Limits:
    """One allowance per class of route; a class that is not in ``per_minute`` has none."""

    def __init__(self, per_minute: PerMinute, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._allowances = {limit: Allowance(count, monotonic) for limit, count in per_minute.items()}

    def spend(self, limit: LimitClass, address: str) -> None:
        """Take one request from the address's allowance; ``TooManyRequests`` says when there will be one again."""
        allowance = self._allowances.get(limit)
        if allowance and (wait := allowance.spend(address)):
            raise TooManyRequests(limit, retry_after=wait)
