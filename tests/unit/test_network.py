"""The guard that keeps the tests on this machine."""

import socket

import pytest

from tests.network import LeftTheMachine


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "example.com", b"example.com", "0.0.0.0"])  # noqa: S104 (never bound)
def test_another_machine_is_out_of_reach(host: str | bytes) -> None:
    with pytest.raises(LeftTheMachine):
        socket.getaddrinfo(host, 80)


def test_an_address_without_a_look_up_is_out_of_reach_too() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender, pytest.raises(LeftTheMachine):
        sender.sendto(b"", ("192.0.2.1", 53))
    with socket.socket() as client, pytest.raises(LeftTheMachine):
        client.connect(("192.0.2.1", 80))


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", None])
def test_loopback_is_reached(host: str | None) -> None:
    assert socket.getaddrinfo(host, 80)
