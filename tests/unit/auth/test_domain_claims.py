"""Which claim speaks for an address."""

import pytest

from services.auth.domain.domain_claims import DomainClaim, nearest_claim
from shared.contracts.tenancy import EnrolmentMode
from shared.ids import new_id


def claim(domain: str, *, subdomains: bool = False) -> DomainClaim:
    return DomainClaim(new_id(), domain, EnrolmentMode.AUTOMATIC, subdomains)


EXACT, WIDE = claim("corp.com"), claim("corp.com", subdomains=True)
NEAR, NEAR_WIDE = claim("eu.corp.com"), claim("eu.corp.com", subdomains=True)


@pytest.mark.parametrize(
    ("domain", "claims", "decides"),
    [
        ("corp.com", [], None),
        ("corp.com", [EXACT], EXACT),
        ("eu.corp.com", [EXACT], None),
        ("eu.corp.com", [WIDE], WIDE),
        ("eu.corp.com", [WIDE, NEAR], NEAR),
        ("de.eu.corp.com", [WIDE, NEAR], WIDE),
        ("de.eu.corp.com", [WIDE, NEAR_WIDE], NEAR_WIDE),
        ("evilcorp.com", [WIDE], None),
        ("corp.com.evil.com", [WIDE], None),
    ],
)
def test_the_nearest_claim_decides(domain: str, claims: list[DomainClaim], decides: DomainClaim | None) -> None:
    assert nearest_claim(domain, claims) == decides


def test_of_two_on_one_domain_the_first_decides() -> None:
    newer, older = claim("corp.com"), claim("corp.com")

    assert nearest_claim("corp.com", [newer, older]) is newer
