"""The log line of each request; of those that went well, no more than a log can hold."""

import time
from collections.abc import Callable
from typing import Any

import structlog

_COMES_IN_FLOODS = frozenset({429, 503})
"""Refusals that come by the thousand, just when there is no time to write about each; metrics count them."""

log = structlog.get_logger("access")


class AccessLog:
    """Writes every refusal and every failure, and ``per_second`` of the others: what a burst leaves out is counted.

    To be told of too much (429) or that there is no room (503) is no refusal in this sense. ``None`` writes them all.
    """

    def __init__(self, per_second: int | None = None, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._monotonic = monotonic
        self._second = 0
        self._written = 0
        self._left_out = 0

    def leaves_out(self, status: int) -> bool:
        """Whether there is no room for a line; to be asked once for each request, before anything is made for it."""
        if (status >= 400 and status not in _COMES_IN_FLOODS) or self._has_room():
            return False
        self._left_out += 1
        return True

    def put(self, status: int, **line: Any) -> None:
        """Write a line that is not left out. ``left_out`` tells how many were, since the line before."""
        if self._left_out:
            line["left_out"], self._left_out = self._left_out, 0
        log.info("request", status=status, **line)

    def _has_room(self) -> bool:
        if self._per_second is None:
            return True
        second = int(self._monotonic())
        if second != self._second:
            self._second, self._written = second, 0
        self._written += 1
        return self._written <= self._per_second
