"""Who waits for a connection, in the order in which they came."""

import asyncio
from collections import deque
from dataclasses import dataclass

from gateway.problems import ServiceUnavailable
from gateway.upstream.line import Line

MOST_WAITING = 400
"""Requests; more are turned away at once."""

WAIT_SECONDS = 2.0


@dataclass(slots=True, eq=False)
class Turn:
    """One who waits."""

    line: "asyncio.Future[Line]"
    until: float


class Turns:
    """A queue that nobody jumps. ``forget_late`` has to be called now and then."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: deque[Turn] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def join(self) -> Turn:
        """A place at the end; ``ServiceUnavailable`` if there are too many already."""
        if len(self._waiting) >= MOST_WAITING:
            raise ServiceUnavailable
        turn = Turn(self._loop.create_future(), self._loop.time() + WAIT_SECONDS)
        self._waiting.append(turn)
        return turn

    def leave(self, turn: Turn) -> Line | None:
        """Wait no longer; the line, if it was given already."""
        if turn in self._waiting:
            self._waiting.remove(turn)
            return None
        given = turn.line.done() and not turn.line.cancelled() and turn.line.exception() is None
        return turn.line.result() if given else None

    def take_first(self) -> Turn | None:
        """Whose turn it is."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.line.done():
                return turn
        return None

    def forget_late(self, now: float) -> None:
        """``ServiceUnavailable`` for those who have waited for too long."""
        while self._waiting and now >= self._waiting[0].until:
            late = self._waiting.popleft()
            if not late.line.done():
                late.line.set_exception(ServiceUnavailable())
