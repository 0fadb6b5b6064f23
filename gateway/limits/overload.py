"""How many requests may be in hand at once; who comes beyond that is told so at once, and costs next to nothing."""

from collections.abc import Iterable
from functools import partial

from gateway.metrics import IN_HAND, OVERLOADED
from shared.errors import Unavailable

COME_BACK_SECONDS = 5.0


class Overloaded(Unavailable):
    """As many requests are in hand as there may be."""

    code = "overloaded"
    title = "Overloaded"
    detail = "There is too much to do just now. Try again in a moment."


class Gate:
    """Lets in ``most`` requests at once, and ``most_of_one`` for the same service.

    A service answers as many as there are connections to it; the others in hand are the queue. One that is slow fills
    its own part, and the others go on.
    """

    def __init__(self, services: Iterable[str], most: int, most_of_one: int) -> None:
        self._most = most
        self._most_of_one = most_of_one
        self._of_one = dict.fromkeys(services, 0)
        self._in_hand = 0
        for service in self._of_one:
            IN_HAND.labels(service).set_function(partial(self._of_one.__getitem__, service))
        self._refused = {service: OVERLOADED.labels(service) for service in self._of_one}

    def refuse_if_full(self, service: str) -> None:
        """``Overloaded`` where ``enter`` would say so: the sooner, the less a refusal costs."""
        if self._in_hand >= self._most or self._of_one[service] >= self._most_of_one:
            self._refused[service].inc()
            raise Overloaded(retry_after=COME_BACK_SECONDS)

    def enter(self, service: str) -> None:
        """Count a request in, which has to ``leave`` again, or refuse it with ``Overloaded``.

        To be called when all of a request is there: who sends it slowly takes nobody's place.
        """
        self.refuse_if_full(service)
        self._in_hand += 1
        self._of_one[service] += 1

    def leave(self, service: str) -> None:
        """The request is done with, whatever became of it."""
        self._in_hand -= 1
        self._of_one[service] -= 1
