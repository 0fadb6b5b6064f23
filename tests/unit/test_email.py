"""One canonical form of an e-mail address, and how it stands in a request body."""

from email.headerregistry import Address

import aiosmtplib.email
import email_validator
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from shared.contracts.email import Email, EmailField, InvalidEmail, domain_of, parse_email, part_as_stored

ATOMS = st.text("abcXYZ019#$&'*+/=?^_`{|}~-", min_size=1, max_size=20)
LABELS = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9-]{0,10}[A-Za-z0-9])?", fullmatch=True) | st.sampled_from(
    ["Bücher", "faß", "例え", "пример", "xn--mnchen-3ya"]
)
PLAUSIBLE = st.builds(
    "{}@{}.{}".format,
    st.lists(ATOMS, min_size=1, max_size=3).map(".".join),
    st.lists(LABELS, min_size=1, max_size=3).map(".".join),
    st.sampled_from(["com", "test", "example", "DE", "рф", "xn--p1ai"]),
)
WILD = st.text() | st.builds("{}@{}".format, st.text(max_size=20), st.text(max_size=20)) | PLAUSIBLE


def parsed(raw: str) -> Email | None:
    try:
        return parse_email(raw)
    except InvalidEmail:
        return None


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        ("testuser@company.com", "testuser@company.com"),
        ("New.User+HR@Example.COM", "new.user+hr@example.com"),
        ("o'brien_42@mail.corp.test", "o'brien_42@mail.corp.test"),
        ("a@BÜCHER.example", "a@xn--bcher-kva.example"),
        ("a@faß.de", "a@xn--fa-hia.de"),
        ("a@XN--MNCHEN-3YA.de", "a@xn--mnchen-3ya.de"),
        ("a@sub.domain.co.uk", "a@sub.domain.co.uk"),
        ("x@something.localhost", "x@something.localhost"),
    ],
)
def test_an_address_has_one_canonical_form(raw: str, canonical: str) -> None:
    assert parse_email(raw) == canonical
    assert domain_of(parse_email(raw)) == canonical.partition("@")[2]


@pytest.mark.parametrize(
    ("typed", "looked_for"),
    [
        ("Ann", "ann"),
        ("bücher", "xn--bcher-kva"),
        ("BÜCHER.Ex", "xn--bcher-kva.ex"),
        ("Ann.Lee@Bücher", "ann.lee@xn--bcher-kva"),
        ("@.bücher.", "@.xn--bcher-kva."),
        ("_%-@--", "_%-@--"),
        ("Jörg Müller", "jörg müller"),
        ("\N{KELVIN SIGN}orp.com", "korp.com"),
        ("", ""),
    ],
)
def test_a_part_of_an_address_is_looked_for_as_addresses_are_stored(typed: str, looked_for: str) -> None:
    assert part_as_stored(typed) == looked_for


@given(PLAUSIBLE)
def test_a_whole_address_is_looked_for_by_its_canonical_form(raw: str) -> None:
    assert parsed(raw) in {None, part_as_stored(raw)}


@given(WILD)
@example("a@GİTHUB.com")
@example("a@ΣΑΣ.gr")
@example("A@xn--mnchen-3ya.DE")
def test_canonicalising_twice_equals_once(raw: str) -> None:
    once = parsed(raw)
    if once is not None:
        assert parse_email(once) == once


@given(PLAUSIBLE.filter(str.isascii))
@example("Abc@Corp.com")
def test_letter_case_never_makes_two_addresses_of_one(raw: str) -> None:
    """CVE-2024-1739, CVE-2024-30471."""
    assert parsed(raw.upper()) == parsed(raw) == parsed(raw.lower())


@given(WILD)
def test_what_is_accepted_is_plain_ascii_with_one_at_and_within_the_limits(raw: str) -> None:
    email = parsed(raw)
    if email is not None:
        assert email.isascii()
        assert email.isprintable()
        assert email == email.lower()
        assert email.count("@") == 1
        assert len(email) <= 254
        assert not set(email) & set(' \t\r\n,;:<>()[]\\"%!')


@given(WILD)
def test_our_domain_is_the_domain_of_header_and_envelope(raw: str) -> None:
    """CVE-2023-27043: what decides about the tenant is what the mail server is told."""
    email = parsed(raw)
    if email is not None:
        assert aiosmtplib.email.quote_address(email) == f"<{email}>"
        assert Address(addr_spec=email).domain == domain_of(email)
        assert str(Address(addr_spec=email)) == email


@given(PLAUSIBLE)
def test_an_independent_validator_accepts_what_we_accept(raw: str) -> None:
    email = parsed(raw)
    if email is not None:
        # Its own list of names that are reserved for tests (example, test) is not about syntax.
        special = email_validator.SPECIAL_USE_DOMAIN_NAMES
        reserved = any(domain_of(email) == name or domain_of(email).endswith(f".{name}") for name in special)
        if not reserved:
            theirs = email_validator.validate_email(email, check_deliverability=False)
            assert theirs.ascii_domain == domain_of(email)


def test_the_refusal_speaks_to_the_reader_and_has_a_stable_code() -> None:
    with pytest.raises(InvalidEmail, match="exactly one @") as caught:
        parse_email("nobody")
    assert caught.value.code == "invalid_email"


class Body(BaseModel):
    email: EmailField


def test_a_request_body_holds_the_canonical_form() -> None:
    assert Body.model_validate_json('{"email": "A@Corp.COM"}').email == "a@corp.com"
    assert Body.model_json_schema()["properties"]["email"]["format"] == "email"


def test_a_bad_address_in_a_body_is_an_error_of_its_own_type_and_a_readable_one() -> None:
    with pytest.raises(ValidationError) as caught:
        Body.model_validate_json('{"email": "{nobody}"}')
    (error,) = caught.value.errors()
    assert error["type"] == "invalid_email"
    assert error["msg"] == "An e-mail address has exactly one @. Write it like name@company.com."


@pytest.mark.parametrize("value", ["null", "[]", '["v@corp.com"]', '{"a": "v@corp.com"}', "0", "true", '""'])
def test_an_address_in_a_body_is_a_string(value: str) -> None:
    """CVE-2023-7028: an array or object is no address, and CVE-2019-16109: nor is an empty value."""
    with pytest.raises(ValidationError):
        Body.model_validate_json(f'{{"email": {value}}}')
