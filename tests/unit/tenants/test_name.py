"""What a tenant may be called in mails and on screens."""

import pytest

from services.tenants.domain.tenants import LONGEST_NAME, parse_name
from services.tenants.errors import InvalidName


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("Company", "Company"),
        ("  Müller & Söhne  ", "Müller & Söhne"),
        ("株式会社スパーク", "株式会社スパーク"),
        ("\u0646\u0645\u06cc\u200c\u062e\u0648", "\u0646\u0645\u06cc\u200c\u062e\u0648"),
        ("Cafe\u0301 \u00a0 Noir", "Café Noir"),
        ("Company\r\nBcc: everybody", "Company Bcc: everybody"),
        ("x" * LONGEST_NAME, "x" * LONGEST_NAME),
    ],
)
def test_a_name_is_one_line_with_single_spaces(raw: str, name: str) -> None:
    assert parse_name(raw) == name
    assert parse_name(name) == name


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "   ",
        "\u200c",
        "x" * (LONGEST_NAME + 1),
        "Com\x00pany",
        "Com\x1b[31mpany",
        "ynapmoC\u202e",
        "Com\u200bpany",
        "\u0301\u0327" * 16_000,
    ],
)
def test_what_cannot_be_seen_is_refused(raw: str) -> None:
    with pytest.raises(InvalidName):
        parse_name(raw)
