"""Which domain an address belongs to, what a claim reaches, and what cannot be claimed."""

import idna
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.domains import InvalidDomain, claims_over, is_public, matches, parse_domain
from shared.contracts.email import domain_of, parse_email

DOMAINS = st.lists(st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True), min_size=1, max_size=4).map(
    lambda labels: ".".join([*labels, "com"])
)


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        ("Company.COM", "company.com"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("xn--BCHER-kva.example", "xn--bcher-kva.example"),
        ("a.b.c.test", "a.b.c.test"),
        ("пример.рф", "xn--e1afmkfd.xn--p1ai"),
    ],
)
def test_a_domain_has_one_canonical_form(raw: str, canonical: str) -> None:
    assert parse_domain(raw) == canonical


@given(st.text() | DOMAINS | DOMAINS.map(str.upper))
def test_canonicalising_twice_equals_once(raw: str) -> None:
    try:
        once = parse_domain(raw)
    except InvalidDomain:
        return
    assert parse_domain(once) == once
    assert once.isascii()


@pytest.mark.parametrize(
    "raw",
    [
        "",
        ".",
        "com",
        ".corp.com",
        "corp.com.",
        "corp..com",
        "*.corp.com",
        "@corp.com",
        "d." * 200 + "com",
        "https://corp.com",
    ],
)
def test_what_is_no_domain_is_refused_with_a_stable_code(raw: str) -> None:
    with pytest.raises(InvalidDomain) as caught:
        parse_domain(raw)
    assert caught.value.code == "invalid_domain"


def test_a_label_that_is_too_long_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """To look at 248 Arabic digits takes 7 ms, of which no other request is answered."""
    looked_at: list[str] = []
    monkeypatch.setattr(idna, "alabel", looked_at.append)
    with pytest.raises(InvalidDomain):
        parse_domain("\u0660" * 64 + ".com")
    assert looked_at == []


@pytest.mark.parametrize("include_subdomains", [True, False])
@pytest.mark.parametrize(
    "domain",
    [
        "evilcorp.com",
        "corp.com.evil",
        "corp.com.evil.com",
        ".corp.com",
        "corp.com.",
        "x.corp.com.",
        "orp.com",
        "com",
        "corp.co",
        "",
    ],
)
def test_a_neighbouring_name_does_not_match(domain: str, include_subdomains: bool) -> None:
    """CVE-2024-27918."""
    assert not matches(domain, "corp.com", include_subdomains)


def test_a_claim_reaches_true_subdomains_only_where_it_says_so() -> None:
    assert matches("corp.com", "corp.com", False)
    assert matches("corp.com", "corp.com", True)
    assert matches("eu.corp.com", "corp.com", True)
    assert matches("a.b.corp.com", "corp.com", True)
    assert matches("a.b.corp.com", "b.corp.com", True)
    assert not matches("eu.corp.com", "corp.com", False)
    assert not matches("corp.com", "eu.corp.com", True)


def test_a_claim_never_reaches_across_a_public_suffix() -> None:
    """Whoever runs a shared suffix is not the employer of those beneath it."""
    assert not matches("customer.github.io", "github.io", True)
    assert not matches("bucket.s3.amazonaws.com", "amazonaws.com", True)
    assert not matches("company.co.uk", "co.uk", True)
    assert not matches("corp.com", "com", True)


def test_the_claims_over_a_domain_are_itself_and_its_parents_up_to_the_registered_one() -> None:
    assert claims_over("a.b.company.co.uk") == ("a.b.company.co.uk", "b.company.co.uk", "company.co.uk")
    assert claims_over("company.com") == ("company.com",)
    assert claims_over("co.uk") == ("co.uk",)


@given(DOMAINS, DOMAINS, st.booleans())
def test_a_match_is_equality_or_a_label_more(domain: str, claimed: str, include_subdomains: bool) -> None:
    if matches(domain, claimed, include_subdomains):
        assert domain == claimed or (include_subdomains and domain.endswith(f".{claimed}"))


@pytest.mark.parametrize(
    "raw", ["v@evilcorp.com", "v@corp.com.evil.com", "corp.com@evil.com", "v.corp.com@evil.com", "v+corp.com@evil.com"]
)
def test_an_address_belongs_to_the_domain_behind_its_at(raw: str) -> None:
    assert not matches(domain_of(parse_email(raw)), "corp.com", True)


@pytest.mark.parametrize(
    "domain",
    [
        "com",
        "co.uk",
        "github.io",
        "s3.amazonaws.com",
        "test",
        "xn--p1ai",
        "gmail.com",
        "outlook.de",
        "yahoo.co.uk",
        "gmx.de",
        "qq.com",
        "proton.me",
        "mail.gmail.com",
        "mailinator.com",
        "anything.yopmail.com",
    ],
)
def test_what_strangers_share_cannot_be_claimed(domain: str) -> None:
    """otari#915, Node#3232: mail providers, disposable domains and public suffixes."""
    assert is_public(domain)


@pytest.mark.parametrize(
    "domain",
    [
        "company.com",
        "example.com",
        "company.co.uk",
        "corp.test",
        "hotmail.company.com",
        "notgmail.com",
        "gmail.company.com",
    ],
)
def test_a_company_can_claim_its_own(domain: str) -> None:
    assert not is_public(domain)
