"""CVE-2026-33494: the path that was judged is the path that the service sees, else it is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.path import judge, remembered
from gateway.problems import MalformedPath

AMBIGUOUS = [
    b"",
    b"*",
    b"api/users",
    b"//",
    b"//evil.com/api/users",
    b"/api//users",
    b"/api/users//",
    b"/.",
    b"/..",
    b"/api/.",
    b"/api/..",
    b"/api/./users",
    b"/api/../internal/revocations",
    b"/api/users/..",
    b"/api/users/../",
    b"/api/%2e%2e/internal",
    b"/api/%2E/users",
    b"/api/.%2e/users",
    b"/api%2fusers",
    b"/api%2Fusers",
    b"/api%5cusers",
    b"/api/%61uth/login",
    b"/api/auth/log%69n",
    b"/api/%252e%252e/internal",
    b"/api/%25%32%65/users",
    b"/api/users/%00",
    b"/api/users/%",
    b"/api/users/%zz",
    b"/api/users/%c0%ae",
    b"/api/users;a=b",
    b"/api/users;/x",
    b"/;/api/users",
    b"/api/..;/internal",
    b"/api\\users",
    b"/api/..\\internal",
    b"\\api",
    b"/api/users\x00",
    b"/api/users\n",
    b"/api/users\r\n",
    b"/api/users\t",
    b"/api/us ers",
    b"/api/users\x7f",
    b"/api/\xc3\xbcsers",
    b"/api/\xef\xbc\x8fusers",
    b"/api/users\xff",
    b"/api/users#x",
    b"/api/users?x",
    b"/api/<users>",
    b'/api/"users"',
    b"/api/{id}",
    b"/api/users|x",
    b"/api/users^",
    b"/api/users`",
    b"/api/[users]",
]


@pytest.mark.parametrize("raw", AMBIGUOUS)
def test_what_can_be_read_in_two_ways_is_refused(raw: bytes) -> None:
    with pytest.raises(MalformedPath):
        judge(raw, b"")


@pytest.mark.parametrize(
    "raw",
    [
        b"/",
        b"/health",
        b"/api/users/",
        b"/.well-known/jwks.json",
        b"/api/users/018f-1",
        b"/api/tenants/current/domains/xn--mller-kva.de",
        b"/...",
        b"/..a",
        b"/a..",
        b"/a/.b/c.",
        b"/a~b_c-d!$&'()*+,=:@",
    ],
)
def test_a_plain_path_is_judged_as_it_is(raw: bytes) -> None:
    assert judge(raw, b"").encode() == raw


@given(st.binary(max_size=60).map(lambda tail: b"/" + tail))
def test_nothing_gets_through_that_any_reader_would_change(raw: bytes) -> None:
    try:
        path = judge(raw, b"")
    except MalformedPath:
        return
    assert path.encode("ascii") == raw
    assert not set(path) & set("%;\\?#")
    assert not {"", ".", ".."} & set(path.rstrip("/").split("/")[1:])


@pytest.mark.parametrize("query", [b"q=a%20b&x=%zz", b"a;b", b"q=%2e%2e/", b"a=b?c", b"", b'"<>\\^`{|}'])
def test_a_query_is_the_services_business(query: bytes) -> None:
    assert judge(b"/a", query) == "/a"


@pytest.mark.parametrize("query", [b"a=\xff", b"a b", b"a\r\nX: y", b"a\x00", b"a#b"])
def test_octets_that_no_query_has_are_refused(query: bytes) -> None:
    with pytest.raises(MalformedPath):
        judge(b"/a", query)


def test_a_long_path_is_judged_like_any_other_and_again_each_time() -> None:
    """What is remembered is bounded in number and in length: nobody fills the memory with paths."""
    long = b"/" + b"a" * 10_000
    before = remembered.cache_info().currsize
    assert [judge(long, b"") for _ in range(2)] == [long.decode()] * 2
    assert remembered.cache_info().currsize == before
    with pytest.raises(MalformedPath):
        judge(long + b"%2e", b"")
