"""The address by which this machine's programs reach the gateway."""

import socket

import pytest

from cli.embedded.product import url_of


@pytest.mark.parametrize(
    ("family", "host", "reached"),
    [
        (socket.AF_INET, "127.0.0.1", "127.0.0.1"),
        (socket.AF_INET, "0.0.0.0", "127.0.0.1"),  # noqa: S104 - bound, not listened on
        (socket.AF_INET6, "::1", "[::1]"),
        (socket.AF_INET6, "::", "[::1]"),
    ],
)
def test_an_address_is_one_that_can_be_reached(family: socket.AddressFamily, host: str, reached: str) -> None:
    with socket.socket(family) as bound:
        bound.bind((host, 0))
        assert url_of(bound) == f"http://{reached}:{bound.getsockname()[1]}"
