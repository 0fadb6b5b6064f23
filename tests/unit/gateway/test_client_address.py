"""Where a request comes from; CVE-2026-33495: a client's word for it is not taken."""

import tracemalloc

import pytest

from gateway.limits.client_address import ClientAddresses, ProxyHeader, limit_key, parse_networks
from gateway.request import Request

PROXY = "10.0.0.1"


def request(peer: str, *forwarded_for: str) -> Request:
    headers = [(b"x-forwarded-for", value.encode("latin-1")) for value in forwarded_for]
    return Request("GET", "/x", b"/x", headers, peer)


def test_nobody_is_trusted_unless_configured() -> None:
    assert ClientAddresses().of(request(PROXY, "198.51.100.9")) == PROXY
    assert ClientAddresses().of(request("", "198.51.100.9")) == ""


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "address"),
    [
        ("203.0.113.5", ["198.51.100.9"], "203.0.113.5"),
        (PROXY, ["198.51.100.9"], "198.51.100.9"),
        (PROXY, ["1.1.1.1, 198.51.100.9"], "198.51.100.9"),
        (PROXY, ["1.1.1.1", "198.51.100.9"], "198.51.100.9"),
        (PROXY, ["1.1.1.1, 198.51.100.9, 10.0.0.2"], "198.51.100.9"),
        (PROXY, ["1.1.1.1, 198.51.100.9:4711, 10.0.0.2:80"], "198.51.100.9"),
        (PROXY, ["1.1.1.1, [2001:db8::1]:4711"], "2001:db8::1"),
        (PROXY, ["1.1.1.1, 198.51.100.9:garbage"], PROXY),
        (PROXY, ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        (PROXY, [], PROXY),
        (PROXY, [""], PROXY),
        (PROXY, ["198.51.100.9, garbage"], PROXY),
        (PROXY, ["198.51.100.9, \xff"], PROXY),
        (PROXY, ["198.51.100.9, "], PROXY),
        (PROXY, ["garbage, 10.0.0.2"], "10.0.0.2"),
        (PROXY, ["2001:db8::1"], "2001:db8::1"),
        (f"::ffff:{PROXY}", ["198.51.100.9"], "198.51.100.9"),
        (PROXY, ["::ffff:198.51.100.9"], "198.51.100.9"),
    ],
)
def test_the_chain_is_believed_as_far_as_our_proxies_wrote_it(
    peer: str, forwarded_for: list[str], address: str
) -> None:
    addresses = ClientAddresses(parse_networks("10.0.0.0/8, fd00::/8"))
    assert addresses.of(request(peer, *forwarded_for)) == address


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        (["for=198.51.100.9"], "198.51.100.9"),
        (["For=198.51.100.9;proto=https;by=10.0.0.1"], "198.51.100.9"),
        (["for=1.1.1.1, for=198.51.100.9:4711"], "198.51.100.9"),
        (["for=1.1.1.1", "for=198.51.100.9 , for=10.0.0.2"], "198.51.100.9"),
        (['for="[2001:db8::1]:4711";host="a,b;c"'], "2001:db8::1"),
        (["for=198.51.100.9, for=_hidden"], PROXY),
        (["for=198.51.100.9, for=unknown, for=10.0.0.2"], "10.0.0.2"),
        (["for=198.51.100.9, proto=https"], PROXY),
        (["for=198.51.100.9;for=1.1.1.1"], PROXY),
        (['for="[::1], for=198.51.100.9'], PROXY),
        (['for="[2001:db8::1]', 'for=198.51.100.9;host="a"'], PROXY),
        (['for="198.51.100.9\\"'], PROXY),
        (["198.51.100.9"], PROXY),
        (["for=198.51.100.9 for=1.1.1.1"], PROXY),
        (["for=1.1.1.1,,for="], PROXY),
        ([""], PROXY),
        ([], PROXY),
    ],
)
def test_the_standard_header_is_read_where_the_proxies_write_that(forwarded: list[str], address: str) -> None:
    """RFC 7239; what a client put before, to be misread together with it, makes none of it count."""
    addresses = ClientAddresses(parse_networks("10.0.0.0/8"), ProxyHeader.FORWARDED)
    headers = [(b"forwarded", value.encode()) for value in forwarded]
    assert addresses.of(Request("GET", "/x", b"/x", headers, PROXY)) == address
    assert addresses.of(Request("GET", "/x", b"/x", headers, "203.0.113.5")) == "203.0.113.5"


def test_the_header_that_the_proxies_do_not_write_is_a_clients_word() -> None:
    for header, other in ((ProxyHeader.FORWARDED, b"x-forwarded-for"), (ProxyHeader.X_FORWARDED_FOR, b"forwarded")):
        request = Request("GET", "/x", b"/x", [(other, b"for=1.1.1.1"), (other, b"1.1.1.1")], PROXY)
        assert ClientAddresses(parse_networks("10.0.0.0/8"), header).of(request) == PROXY


@pytest.mark.parametrize("header", list(ProxyHeader))
def test_what_a_client_wrote_before_our_proxies_is_neither_read_nor_kept(header: ProxyHeader) -> None:
    """Whoever writes as much as a head may hold, and something else each time, costs no more than anybody."""
    addresses = ClientAddresses(parse_networks("10.0.0.0/8"), header)
    last, found = ("198.51.100.9", "198.51.100.9") if header is ProxyHeader.X_FORWARDED_FOR else ("for=1.1.1.1", PROXY)
    tracemalloc.start()
    try:
        for number in range(64):
            chain = f"for=9.9.9.{number}," * 1000 + last
            assert addresses.of(Request("GET", "/x", b"/x", [(header.encode(), chain.encode())], PROXY)) == found
        kept, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 64 * 1024
    assert most < 128 * 1024


def test_networks_are_read_or_refused() -> None:
    assert parse_networks("") == ()
    assert [str(network) for network in parse_networks("10.0.0.0/8,192.0.2.7 , ::1")] == [
        "10.0.0.0/8",
        "192.0.2.7/32",
        "::1/128",
    ]
    for text in ("everybody", "10.0.0.1/8", "10.0.0.0/40"):
        with pytest.raises(ValueError, match=r"network|host bits"):
            parse_networks(text)


def test_a_customer_of_ipv6_has_one_allowance_and_not_all_of_a_64() -> None:
    assert limit_key("2001:db8:1:2::1") == limit_key("2001:db8:1:2:ffff::9") != limit_key("2001:db8:1:3::1")
    assert limit_key("192.0.2.1") != limit_key("192.0.2.2")
    assert limit_key("::ffff:192.0.2.1") == "::ffff:192.0.2.1"
    assert limit_key("") == ""
