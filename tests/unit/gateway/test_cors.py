"""Which origins may read our answers."""

import pytest

from gateway.cors import Cors, parse_origins
from gateway.request import Request

APP = "https://app.company.com"


def preflight(*headers: tuple[bytes, bytes], method: str = "OPTIONS") -> Request:
    return Request(method, "/x", b"/x", headers, "192.0.2.1")


@pytest.mark.parametrize(
    "text",
    ["", APP, f"{APP}, http://localhost:5173", "https://xn--mller-kva.de", "http://[::1]:3000", "https://a:8443"],
)
def test_origins_are_read_as_browsers_write_them(text: str) -> None:
    assert ", ".join(parse_origins(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "*",
        "null",
        "https://*.company.com",
        "app.company.com",
        "//app.company.com",
        f"{APP}/",
        f"{APP}/path",
        f"{APP}:443",
        "http://app.company.com:80",
        "HTTPS://app.company.com",
        "https://App.company.com",
        "https://user@app.company.com",
        "https://müller.de",
        "https://",
        "ftp://app.company.com",
        f"{APP} https://b.c",
        f"{APP},null",
    ],
)
def test_what_no_browser_sends_or_nobody_should_allow_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not an origin"):
        parse_origins(text)


def test_a_listed_origin_may_read_and_is_named() -> None:
    told = dict(Cors([APP]).headers_for([(b"origin", APP.encode())]))
    assert told[b"access-control-allow-origin"] == APP.encode()
    assert told[b"vary"] == b"Origin"
    assert b"X-Request-ID" in told[b"access-control-expose-headers"]
    assert b"access-control-allow-credentials" not in told


@pytest.mark.parametrize(
    "origins",
    [
        [],
        [b"null"],
        [b"*"],
        [b""],
        [b"http://app.company.com"],
        [b"https://app.company.com.evil.com"],
        [b"https://evilapp.company.com"],
        [b"https://app.company.com/"],
        [b"https://APP.company.com"],
        [b"https://app.company.com:443"],
        [b"https://app.company.com", b"https://evil.com"],
        [b"https://app.company.com", b"https://app.company.com"],
        [b"https://app.company.com, https://evil.com"],
    ],
)
def test_nobody_else_may_and_caches_are_told_that_it_depends(origins: list[bytes]) -> None:
    cors = Cors([APP])
    assert list(cors.headers_for([(b"origin", origin) for origin in origins])) == [(b"vary", b"Origin")]
    asked = (b"access-control-request-method", b"POST")
    assert cors.asked_method(preflight(asked, *((b"origin", origin) for origin in origins))) is None


def test_without_listed_origins_nothing_is_said() -> None:
    assert Cors().headers_for([(b"origin", APP.encode())]) == ()
    assert Cors().asked_method(preflight((b"origin", b""), (b"access-control-request-method", b"POST"))) is None


def test_only_options_with_one_wanted_method_is_a_preflight() -> None:
    origin, asked = (b"origin", APP.encode()), (b"access-control-request-method", b"PATCH")
    cors = Cors([APP])
    assert cors.asked_method(preflight(origin, asked)) == "PATCH"
    assert cors.asked_method(preflight(origin)) is None
    assert cors.asked_method(preflight(origin, asked, asked)) is None
    assert cors.asked_method(preflight(origin, asked, method="GET")) is None
