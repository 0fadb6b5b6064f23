"""What no answer leaves without."""

from gateway.request import Headers
from gateway.secure_headers import NOTHING_MAY_LOAD, SecureHeaders

PAGE = (b"content-security-policy", b"default-src 'none'; style-src 'sha256-x'")
DAY = (b"cache-control", b"public, max-age=86400")


def values(told: tuple[Headers, bytes], name: bytes) -> list[bytes]:
    """All that an answer says under ``name``, in its headers and in the lines beside them."""
    headers, block = told
    lines = [line.partition(b": ") for line in block.removesuffix(b"\r\n").split(b"\r\n")]
    return [value for candidate, value in (*headers, *((line[0], line[2]) for line in lines)) if candidate == name]


def test_an_answer_that_says_nothing_is_kept_by_nobody_and_loads_nothing() -> None:
    for cacheable in (True, False):
        complete = SecureHeaders(https_only=False).complete([], cacheable=cacheable)
        assert values(complete, b"cache-control") == [b"no-store"]
        assert values(complete, b"content-security-policy") == [NOTHING_MAY_LOAD]
        assert values(complete, b"x-content-type-options") == [b"nosniff"]
        assert values(complete, b"strict-transport-security") == []


def test_only_a_public_answer_may_be_cached() -> None:
    secure = SecureHeaders(https_only=True)
    assert values(secure.complete([DAY], cacheable=True), b"cache-control") == [DAY[1]]
    assert values(secure.complete([DAY, DAY], cacheable=False), b"cache-control") == [b"no-store"]


def test_a_page_may_have_a_policy_of_its_own() -> None:
    assert values(SecureHeaders(https_only=True).complete([PAGE], cacheable=True), PAGE[0]) == [PAGE[1]]


def test_a_service_cannot_weaken_the_others() -> None:
    weak = [(b"x-frame-options", b"ALLOWALL"), (b"strict-transport-security", b"max-age=0"), (b"x-other", b"1")]
    complete = SecureHeaders(https_only=True).complete(weak, cacheable=True)
    assert values(complete, b"x-frame-options") == [b"DENY"]
    assert values(complete, b"strict-transport-security") == [b"max-age=63072000; includeSubDomains"]
    assert values(complete, b"x-other") == [b"1"]
