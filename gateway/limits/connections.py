"""How many connections there may be: of everybody together, and of one address as long as it has not said who it is."""

from collections.abc import Sequence

from gateway.limits.client_address import Network, is_within, limit_key
from gateway.metrics import CONNECTIONS, CONNECTIONS_REFUSED


class Place:
    """The place that one connection takes."""

    __slots__ = ("_connections", "_whose")

    def __init__(self, connections: "Connections", whose: str) -> None:
        self._connections = connections
        self._whose = whose

    def prove(self) -> None:
        """A good token came over the connection: it is no stranger's any more, whoever shares the address."""
        if self._whose:
            self._connections.forget_stranger(self._whose)
            self._whose = ""

    def leave(self) -> None:
        """The connection is gone; to be called once."""
        self.prove()
        self._connections.leave()


class Connections:
    """Counts what is open, and so needs no more memory than ``most`` connections do.

    An address that holds ``most_of_one`` without having shown a good token on them gets no more, so that nobody takes
    the places of all others by holding still. ``exempt`` are our own proxies; ``None`` is no such bound.
    """

    def __init__(self, most: int, most_of_one: int | None, exempt: Sequence[Network] = ()) -> None:
        self._most = most
        self._most_of_one = most_of_one
        self._exempt = exempt
        self._open = 0
        self._strangers: dict[str, int] = {}
        CONNECTIONS.set_function(lambda: self._open)

    def take_place(self, address: str) -> Place | None:
        """A place for one that was accepted, or ``None``: hang up on it."""
        if self._open >= self._most:
            CONNECTIONS_REFUSED.labels("all").inc()
            return None
        whose = ""
        if self._most_of_one is not None and not is_within(address, self._exempt):
            whose = limit_key(address)
            held = self._strangers.get(whose, 0)
            if held >= self._most_of_one:
                CONNECTIONS_REFUSED.labels("address").inc()
                return None
            self._strangers[whose] = held + 1
        self._open += 1
        return Place(self, whose)

    def forget_stranger(self, whose: str) -> None:
        """One connection less that nobody has vouched for."""
        left = self._strangers[whose] - 1
        if left:
            self._strangers[whose] = left
        else:
            del self._strangers[whose]

    def leave(self) -> None:
        """One connection less."""
        self._open -= 1
