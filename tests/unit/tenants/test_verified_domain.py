"""What an operator's word can do for a domain, and what nobody's can."""

from datetime import UTC, datetime

import pytest

from services.tenants.domain import VerifiedDomain
from services.tenants.errors import PublicDomain
from shared.contracts.tenancy import EnrolmentMode
from shared.contracts.tenants import DomainVerified
from shared.ids import new_id

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)
TENANT = new_id()


def vouched_for(domain: str) -> VerifiedDomain:
    return VerifiedDomain.by_operator(TENANT, domain, EnrolmentMode.AUTOMATIC, at=NOON)


def test_an_operators_word_reaches_no_subdomain() -> None:
    assert vouched_for("company.com").told() == DomainVerified(
        tenant_id=TENANT, domain="company.com", mode=EnrolmentMode.AUTOMATIC, include_subdomains=False
    )


@pytest.mark.parametrize("domain", ["gmail.com", "mail.gmail.com", "mailinator.com", "co.uk", "github.io"])
def test_what_strangers_share_belongs_to_nobody(domain: str) -> None:
    with pytest.raises(PublicDomain, match=domain):
        vouched_for(domain)
