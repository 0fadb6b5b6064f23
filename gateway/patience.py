"""How long a service may take, and a client."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: the longest silence before and within an answer, and the longest exchange altogether."""

    stall: float = 30.0
    total: float = 120.0


PATIENCE = Patience()


@dataclass(frozen=True, slots=True)
class ClientPatience:
    """Seconds. Bodies have limits of their own (``client_body.py``)."""

    head: float = 10.0
    """For the headers of a request, from their first octet on; and from the connection to the first octet."""

    idle: float = 60.0
    """Between two requests."""

    stall: float = 30.0
    """The longest time in which a client takes nothing of its answer."""

    linger: float = 5.0
    """After the last answer, for a client that is still sending: a reset would take the answer from it."""

    drain: float = 10.0
    """For requests under way when it is time to stop."""

    watch: float = 1.0
    """How exactly all this is kept."""


CLIENT_PATIENCE = ClientPatience()
