"""The cookie in which a browser keeps its refresh token."""

from datetime import timedelta

import pytest

from services.auth.errors.sessions import ForeignOrigin
from services.auth.sessions.refresh_cookie import RefreshCookie
from shared.http.browser import Browser

LIFE = timedelta(days=14)
COOKIE = RefreshCookie.at("https://id.example", LIFE)
OURS = "https://id.example"


def test_no_script_and_no_foreign_site_gets_hold_of_it() -> None:
    attributes = "Max-Age=1209600; Path=/api/auth; HttpOnly; SameSite=Strict; Secure"
    assert COOKIE.keeping("token") == f"__Secure-sparknode-refresh=token; {attributes}"


def test_it_is_taken_away_by_the_same_name_and_path() -> None:
    assert COOKIE.dropping().startswith("__Secure-sparknode-refresh=; Max-Age=0; Path=/api/auth;")


def test_on_a_developers_machine_it_is_not_secure_and_not_called_so() -> None:
    header = RefreshCookie.at("http://localhost:8000", LIFE).keeping("token")
    assert header == "sparknode-refresh=token; Max-Age=1209600; Path=/api/auth; HttpOnly; SameSite=Strict"


def test_behind_a_prefix_it_is_sent_to_that_prefix_only() -> None:
    assert "; Path=/identity/api/auth;" in RefreshCookie.at("https://company.com/identity", LIFE).keeping("token")


@pytest.mark.parametrize(
    ("public_url", "origin"),
    [
        ("https://id.example:443/sso", OURS),
        ("https://ID.example", OURS),
        ("http://id.example:80", "http://id.example"),
        ("https://id.example:80", "https://id.example:80"),
        ("http://id.example:443", "http://id.example:443"),
    ],
)
def test_our_own_address_is_known_as_browsers_write_it(public_url: str, origin: str) -> None:
    """Without the port of the scheme (RFC 6454, section 6.2), however the setting writes it."""
    assert RefreshCookie.at(public_url, LIFE).is_wanted(True, Browser({}, origin))


def test_a_page_of_ours_keeps_and_uses_it() -> None:
    browser = Browser({COOKIE.name: "token"}, OURS)
    assert COOKIE.token_in(browser) == "token"
    assert COOKIE.is_wanted(True, browser)
    assert not COOKIE.is_wanted(False, browser)


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "http://id.example",
        "https://id.example:8443",
        "https://evil.id.example",
        "https://id.example.evil",
    ],
)
def test_a_page_of_any_other_origin_neither_gets_nor_uses_it(origin: str | None) -> None:
    browser = Browser({COOKIE.name: "token"}, origin)
    with pytest.raises(ForeignOrigin):
        COOKIE.token_in(browser)
    with pytest.raises(ForeignOrigin):
        COOKIE.is_wanted(True, browser)


def test_who_neither_has_nor_wants_one_may_come_from_anywhere() -> None:
    browser = Browser({"another": "x"}, "https://evil.example")
    assert COOKIE.token_in(browser) is None
    assert not COOKIE.is_wanted(False, browser)
