"""Keeps the tests on this machine."""

import ipaddress
import sys

_ADDRESSED = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_NAMED = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})


class LeftTheMachine(RuntimeError):
    """A test, or what it tests, was about to speak to another machine."""


def stay_on_this_machine() -> None:
    """From now on this process reaches loopback addresses and Unix sockets only.

    By an audit hook of the interpreter, which no import order and no library's own socket class gets around.
    It cannot be undone.
    """
    sys.addaudithook(_watch)


def _watch(event: str, args: tuple[object, ...]) -> None:
    if event in _ADDRESSED:
        _check_address(args[1])
    elif event in _NAMED:
        _check_host(args[0])


def _check_address(address: object) -> None:
    if isinstance(address, tuple):  # the address of a Unix socket is a path
        _check_host(address[0])


def _check_host(host: object) -> None:
    name = host.decode() if isinstance(host, bytes) else str(host or "localhost")
    if name != "localhost" and not _is_loopback(name):
        raise LeftTheMachine(f"A test tried to reach {name}. Tests speak to loopback only.")


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
