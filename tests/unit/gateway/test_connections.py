"""How many connections there may be."""

from gateway.limits.client_address import parse_networks
from gateway.limits.connections import Connections, Place

PROXY, CLIENT, OTHER = "10.0.0.1", "192.0.2.1", "192.0.2.2"


def taken(connections: Connections, address: str) -> Place:
    place = connections.take_place(address)
    assert place
    return place


def test_there_is_an_end_to_all_together() -> None:
    connections = Connections(2, None)
    first = taken(connections, CLIENT)
    taken(connections, CLIENT)
    assert connections.take_place(OTHER) is None
    first.leave()
    taken(connections, OTHER)


def test_one_address_cannot_take_what_all_others_need() -> None:
    connections = Connections(100, 3, parse_networks("10.0.0.0/8"))
    held = [taken(connections, CLIENT) for _ in range(3)]
    assert connections.take_place(CLIENT) is None
    taken(connections, OTHER)
    for _ in range(20):
        taken(connections, PROXY)
    held[0].leave()
    taken(connections, CLIENT)
    assert connections.take_place(CLIENT) is None


def test_a_customer_of_ipv6_is_one() -> None:
    connections = Connections(100, 1)
    taken(connections, "2001:db8:1:2::1")
    assert connections.take_place("2001:db8:1:2::2") is None
    taken(connections, "2001:db8:1:3::1")


def test_who_has_shown_a_good_token_is_no_stranger() -> None:
    connections = Connections(100, 1)
    known = taken(connections, CLIENT)
    known.prove()
    known.prove()
    stranger = taken(connections, CLIENT)
    assert connections.take_place(CLIENT) is None
    known.leave()
    assert connections.take_place(CLIENT) is None
    stranger.leave()
    taken(connections, CLIENT)


def test_nothing_is_kept_of_who_has_left() -> None:
    connections = Connections(100, 5)
    for number in range(1000):
        taken(connections, f"192.0.2.{number % 256}").leave()
    assert connections._strangers == {}
