"""What becomes of a claim on a domain, and what nobody can claim."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.tenants.domain.claims import UNPROVEN_LIFE, ClaimStatus, DomainClaim, Proof, TxtRecord
from services.tenants.errors import PublicDomain
from shared.contracts.domains import LONGEST_DOMAIN, InvalidDomain
from shared.contracts.tenancy import EnrolmentMode
from shared.contracts.tenants import DomainVerified
from shared.ids import new_id

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)
DAY, GRACE = timedelta(days=1), timedelta(days=3)
TENANT = new_id()


def a_claim(domain: str = "company.com") -> DomainClaim:
    return DomainClaim.made(TENANT, domain, EnrolmentMode.AUTOMATIC, include_subdomains=True, at=NOON)


def proven_by(proof: Proof) -> DomainClaim:
    return a_claim().proven(proof, at=NOON)


def test_an_operators_word_reaches_no_subdomain() -> None:
    vouched_for = DomainClaim.by_operator(TENANT, "company.com", EnrolmentMode.AUTOMATIC, at=NOON)
    assert vouched_for.told_as(DomainVerified) == DomainVerified(
        tenant_id=TENANT, domain="company.com", mode=EnrolmentMode.AUTOMATIC, include_subdomains=False
    )


@pytest.mark.parametrize("domain", ["gmail.com", "mail.gmail.com", "mailinator.com", "co.uk", "github.io"])
def test_what_strangers_share_belongs_to_nobody(domain: str) -> None:
    with pytest.raises(PublicDomain, match=domain):
        a_claim(domain)
    with pytest.raises(PublicDomain, match=domain):
        DomainClaim.by_operator(TENANT, domain, EnrolmentMode.MANUAL, at=NOON)


def test_a_domain_whose_record_would_have_too_long_a_name_cannot_be_claimed() -> None:
    longest = f"{'a.' * 119}com"
    assert len(a_claim(f"a{longest}").txt_record.name) == LONGEST_DOMAIN
    with pytest.raises(InvalidDomain, match="242"):
        a_claim(f"aa{longest}")


def test_the_record_names_the_tenant() -> None:
    assert a_claim().txt_record == TxtRecord("_sparknode.company.com", f"sparknode-tenant={TENANT}")


def test_a_new_claim_counts_for_nothing_and_runs_out() -> None:
    claim = a_claim()
    assert not claim.is_verified
    assert not claim.is_expired(NOON + UNPROVEN_LIFE - timedelta(seconds=1))
    assert claim.is_expired(NOON + UNPROVEN_LIFE)


@pytest.mark.parametrize("proof", Proof)
def test_what_was_proven_never_runs_out(proof: Proof) -> None:
    assert not proven_by(proof).is_expired(NOON + 100 * UNPROVEN_LIFE)


def test_proving_again_changes_nothing() -> None:
    claim = proven_by(Proof.OPERATOR)
    assert claim.proven(Proof.DNS, at=NOON + DAY) == claim


def test_it_lapses_when_its_proof_is_missing_for_the_whole_grace() -> None:
    claim = proven_by(Proof.DNS).missed(at=NOON, grace=GRACE)
    assert claim.is_verified
    claim = claim.missed(at=NOON + GRACE - timedelta(seconds=1), grace=GRACE)
    assert claim.is_verified
    claim = claim.missed(at=NOON + GRACE, grace=GRACE)
    assert (claim.status, claim.missing_since) == (ClaimStatus.LAPSED, None)


def test_a_proof_that_comes_back_in_time_counts_as_never_gone() -> None:
    claim = proven_by(Proof.DNS)
    assert claim.missed(at=NOON, grace=GRACE).proven(Proof.DNS, at=NOON + DAY) == claim


def test_an_operators_word_does_not_go_missing() -> None:
    claim = proven_by(Proof.OPERATOR)
    assert claim.missed(at=NOON, grace=GRACE).missed(at=NOON + 10 * GRACE, grace=GRACE) == claim


def test_a_lapsed_claim_can_be_proven_anew() -> None:
    lapsed = replace(proven_by(Proof.DNS), status=ClaimStatus.LAPSED)
    again = lapsed.proven(Proof.DNS, at=NOON + DAY)
    assert (again.is_verified, again.verified_at) == (True, NOON + DAY)
    assert not lapsed.is_expired(NOON + 100 * UNPROVEN_LIFE)


def test_changing_leaves_alone_what_is_not_named() -> None:
    claim = a_claim()
    assert claim.changed(None, None) == claim
    assert claim.changed(EnrolmentMode.MANUAL, None) == replace(claim, mode=EnrolmentMode.MANUAL)
    assert claim.changed(None, False) == replace(claim, include_subdomains=False)
