"""The secret and where it leads."""

import base64
from urllib.parse import parse_qs, urlsplit

from hypothesis import assume, given
from hypothesis import strategies as st

from services.invitations.links import Link
from shared.contracts.email import InvalidEmail, parse_email

LOCAL_PARTS = st.text("abc019#$&'*+/=?^_`{|}~.-", min_size=1, max_size=30)


@given(LOCAL_PARTS)
def test_token_and_address_come_back_out_of_the_url_whatever_the_address(local: str) -> None:
    try:
        email = parse_email(f"{local}@example.com")
    except InvalidEmail:
        assume(False)
    link = Link.new()
    url = link.url("https://id.example.com", email)

    assert url.startswith("https://id.example.com/signup?token=")
    assert parse_qs(urlsplit(url).query, strict_parsing=True) == {"token": [link.token], "email": [email]}
    assert not urlsplit(url).fragment


def test_a_secret_has_256_bits_and_is_never_the_same() -> None:
    first, second = Link.new(), Link.new()

    assert len(base64.urlsafe_b64decode(first.token + "=")) == 32
    assert first.token != second.token
    assert len(first.hash) == 32


def test_a_link_in_a_log_line_or_traceback_shows_no_secret() -> None:
    """CVE-2026-41181"""
    link = Link.new()

    assert link.token not in repr(link)
