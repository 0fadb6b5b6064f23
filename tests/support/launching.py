"""How the launcher is asked for a program.

As a script, ``launching.py SOCKET -m NAME``, it stands in for the interpreter. It reads nothing but what Python has,
and so starts in a moment.
"""

import json
import os
import signal
import socket
import struct
import sys
from collections.abc import Mapping, Sequence

_NUMBER = struct.Struct("!i")


def asked(
    address: str,
    arguments: Sequence[str],
    environment: Mapping[str, str],
    files: Sequence[int],
    *,
    afresh: bool = False,
    leading: bool = False,
) -> socket.socket:
    """Ask for a program here with these as its standard files, ``afresh`` by an exec, ``leading`` a process group.

    What comes back are its number, and how it ended.
    """
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(address)
    socket.send_fds(connection, [b"!"], list(files))
    request = {"environment": dict(environment), "folder": os.getcwd(), "afresh": afresh, "leading": leading}
    connection.sendall(json.dumps({"arguments": list(arguments), **request}).encode() + b"\n")
    return connection


def tell(connection: socket.socket, number: int) -> None:
    """Say one of them."""
    connection.sendall(_NUMBER.pack(number))


def told(connection: socket.socket) -> int:
    """The next of them."""
    number: int = _NUMBER.unpack(connection.recv(_NUMBER.size, socket.MSG_WAITALL))[0]
    return number


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the program gets it, too, and decides
    with asked(sys.argv[1], [sys.executable, *sys.argv[2:]], os.environ, (0, 1, 2)) as launched:
        told(launched)
        sys.exit(told(launched))
