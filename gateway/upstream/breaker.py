"""Leaves a service alone that does not answer, and asks it now and then whether it is back."""

import time
from collections.abc import Callable

from gateway.problems import ServiceUnavailable

FAILURES = 8
"""So many in a row, and it is left alone."""

REST_SECONDS = 1.0


class Breaker:
    """One service's. While it is open, one request in each second tries; its success closes it again."""

    __slots__ = ("_failures", "_monotonic", "_rests_until")

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._failures = 0
        self._rests_until = 0.0

    @property
    def is_open(self) -> bool:
        """Whether most requests are turned away."""
        return self._failures >= FAILURES

    def admit(self) -> None:
        """Pass, or ``ServiceUnavailable`` at once instead of after a wait."""
        if self._failures < FAILURES:
            return
        now = self._monotonic()
        if now < self._rests_until:
            raise ServiceUnavailable(retry_after=REST_SECONDS)
        self._rests_until = now + REST_SECONDS

    def succeeded(self) -> None:
        """An answer began, whatever it says."""
        self._failures = 0

    def failed(self) -> None:
        """No answer began, and the client is not to blame."""
        self._failures += 1
        if self._failures >= FAILURES:
            self._rests_until = self._monotonic() + REST_SECONDS
