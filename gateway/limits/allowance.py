"""How often a name may ask: the generic cell rate algorithm (ITU-T I.371), in memory of fixed size."""

import hashlib
import math
import os
import struct
import time
from array import array
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from gateway.limits.client_address import limit_key

MINUTE = 60.0
MOST_SECONDS = MINUTE + 1e-6
"""For which an allowance may be used up in advance; the sums of many intervals are not exact."""

ROWS = 4
SLOTS = 1 << 16
_INDEXES = struct.Struct("<4H")
_NAMES_AT_HAND = 8192
"""Whose slots need not be worked out again; to forget them forgets no counter."""

Slots = tuple[int, int, int, int]


class Standing(NamedTuple):
    """How somebody stands after a request.

    In how many seconds all of the allowance is there again, and how many more requests there are at once. More than a
    minute: the request was refused, and cost nothing.
    """

    allowance: "Allowance"
    full_in: float
    left: int

    @property
    def wait(self) -> float:
        """Seconds until a request that was refused may come again; 0 if it was not."""
        return self.full_in - MINUTE if self.full_in > MOST_SECONDS else 0.0

    def lines(self) -> bytes:
        """The fields of draft-ietf-httpapi-ratelimit-headers (10): the policy, and how one stands with it."""
        return self.allowance.told % (self.left, math.ceil(self.wait or self.full_in))


class Allowance:
    """``per_minute`` requests at once, and as many again spread over each minute, for every address or account.

    A name has one number, the time at which its bucket is full again. The numbers live in a sketch: a name owns one
    slot in each of four rows, chosen by a keyed hash, and counts as the lowest of the four. Nothing is ever evicted,
    so no flood of names clears a counter; it can at worst make strangers share one, in all four rows at once, which
    without the key takes filling most of the table.
    """

    def __init__(self, name: str, per_minute: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        called = name.replace("_", "-").encode()
        self.told = (
            b'ratelimit-policy: "%b";q=%d;w=%d\r\n' % (called, per_minute, MINUTE)
            + b'ratelimit: "%b";r=%%d;t=%%d\r\n' % called
        )
        """What headers say of it, but for how many are left and when all are there again."""

        self.interval = MINUTE / per_minute
        self._monotonic = monotonic
        self._full_at = array("d", bytes(8 * ROWS * SLOTS))
        self._slots = lru_cache(_NAMES_AT_HAND)(_slots_under(os.urandom(16)))

    def spend(self, name: str | int) -> Standing:
        """Take one from what ``name`` may: an address, of which one of IPv6 shares with its /64, or an id's number."""
        # Spelt out rather than looped over: it runs twice for each request, and this takes a third of the time.
        table, now = self._full_at, self._monotonic()
        first, second, third, fourth = self._slots(name)
        one, two, three, four = table[first], table[second], table[third], table[fourth]
        full = max(min(one, two, three, four), now) + self.interval
        full_in = full - now
        if full_in > MOST_SECONDS:
            return Standing(self, full_in, 0)
        if one < full:
            table[first] = full
        if two < full:
            table[second] = full
        if three < full:
            table[third] = full
        if four < full:
            table[fourth] = full
        return Standing(self, full_in, int((MOST_SECONDS - full_in) / self.interval))


def _slots_under(key: bytes) -> Callable[[str | int], Slots]:
    def slots(name: str | int) -> Slots:
        subject = name.to_bytes(16) if isinstance(name, int) else limit_key(name).encode()
        digest = hashlib.blake2b(subject, digest_size=_INDEXES.size, key=key).digest()
        first, second, third, fourth = _INDEXES.unpack(digest)
        return first, SLOTS + second, 2 * SLOTS + third, 3 * SLOTS + fourth

    return slots
