"""Ports for programs that cannot be given a socket that listens already."""

import secrets
import socket
from contextlib import suppress

# Below those that systems hand out by themselves, one of which any outgoing connection may get in the meantime.
_LOWEST, _COUNT = 12_000, 20_000


def free_port() -> int:
    """A loopback port that nobody listens on."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """As many different ones."""
    free: list[int] = []
    while len(free) < count:
        port = _LOWEST + secrets.randbelow(_COUNT)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            free += [port] if port not in free else []
    return free
