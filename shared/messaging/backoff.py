"""How long to wait before trying again."""

import random


class Backoff:
    """Delays that double from ``first`` to ``longest`` seconds, each a little off, so that nobody tries in step."""

    def __init__(self, first: float, longest: float) -> None:
        self._first = first
        self._longest = longest
        self._next = first

    def delay(self) -> float:
        """Seconds to wait now."""
        delay, self._next = self._next, min(self._next * 2, self._longest)
        return delay * random.uniform(0.75, 1.25)  # noqa: S311 - no secret

    def reset(self) -> None:
        """It worked: begin again with the shortest delay."""
        self._next = self._first
