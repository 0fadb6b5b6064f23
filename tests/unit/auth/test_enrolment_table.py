"""The one way in as one table: by invitation, domain, person and tenant, what becomes of the person.

That the facts are gathered as they are taken here is shown by `test_verify_email.py`, `test_accept_invitation.py` and
`test_sign_up_by_domain.py` under `tests/integration/auth`.
"""

from dataclasses import replace
from itertools import product

import pytest

from services.auth.domain.accounts import Membership, Tenant
from services.auth.domain.domain_claims import DomainClaim, nearest_claim
from services.auth.domain.enrolment import Evidence, decide
from services.auth.errors.admission import EmailUnverified, MembershipSuspended, TenantSuspended
from services.auth.errors.joining import InvitationUsed, TenantUndetermined
from shared.contracts.auth import JoinedVia
from shared.contracts.tenancy import EnrolmentMode, MembershipStatus
from tests.unit.auth.test_enrolment import (
    ANNA,
    CAME_BY_IT,
    INVITED,
    LOCKED_OUT,
    MEMBER,
    NOW,
    PROVISIONAL,
    SUSPENDED,
    TENANT,
    USED,
    WAITING,
)

# first:     signs up for the first time, so that nothing is proven       again:   the same, once more
# proves:    opens the link of a sign-up                                  proven:  has an account, elsewhere
# removed:   has an account, and was a member here                        waiting, active, suspended: is one here
# came:      is one by this very invitation
TABLE = """
invitation domain                         first       again    proves  proven  removed waiting active  suspended came
none       none|unverified|manual|beneath nowhere     nowhere  nowhere nowhere nowhere nowhere nowhere nowhere   nowhere
none       automatic|subdomain            provisional stays    joins   joins   joins   stays   stays   locked    stays
none       approval                       provisional stays    queues  queues  queues  stays   stays   locked    stays
waiting    every                          unproven    unproven invited invited invited invited invited locked    stays
used       every                          unproven    unproven used    used    used    used    used    locked    stays
"""

INVITATIONS = {"none": None, "waiting": INVITED, "used": USED}
PEOPLE: dict[str, tuple[bool, Membership | None]] = {
    "first": (False, None),
    "again": (False, PROVISIONAL),
    "proves": (True, PROVISIONAL),
    "proven": (True, None),
    "removed": (True, None),  # of a membership that has ended nothing is left
    "waiting": (True, WAITING),
    "active": (True, MEMBER),
    "suspended": (True, LOCKED_OUT),
    "came": (True, CAME_BY_IT),
}


def claim(mode: EnrolmentMode, *, subdomains: bool = False) -> DomainClaim:
    return DomainClaim(TENANT.id, "company.com", mode, subdomains)


# The domain of the address, and the claims that count: one that was never verified, or has lapsed, is not among them.
DOMAINS: dict[str, tuple[str, list[DomainClaim]]] = {
    "none": ("company.com", []),
    "unverified": ("company.com", []),
    "manual": ("company.com", [claim(EnrolmentMode.MANUAL)]),
    "beneath": ("eu.company.com", [claim(EnrolmentMode.AUTOMATIC)]),
    "subdomain": ("eu.company.com", [claim(EnrolmentMode.AUTOMATIC, subdomains=True)]),
    "automatic": ("company.com", [claim(EnrolmentMode.AUTOMATIC)]),
    "approval": ("company.com", [claim(EnrolmentMode.APPROVAL)]),
}
REFUSALS = {
    TenantUndetermined: "nowhere",
    EmailUnverified: "unproven",
    InvitationUsed: "used",
    MembershipSuspended: "locked",
    TenantSuspended: "closed",
}

Case = tuple[str, str, str]


def cells() -> list[tuple[Case, str]]:
    """Every combination of invitation, domain and person that the table speaks of, and what it says."""
    head, *rows = [line.split() for line in TABLE.strip().splitlines()]
    return [
        ((invitation, domain, person), result)
        for invitation, domains, *results in rows
        for domain in (DOMAINS if domains == "every" else domains.split("|"))
        for person, result in zip(head[2:], results, strict=True)
    ]


def outcome(case: Case, tenant: Tenant) -> str:
    """What the rules make of it, in the words of the table."""
    invitation, domain, person = case
    proven, existing = PEOPLE[person]
    evidence = Evidence(proven, INVITATIONS[invitation], nearest_claim(*DOMAINS[domain]))
    try:
        assert evidence.tenant_id == tenant.id
        return in_words(decide(evidence, ANNA, tenant, existing, at=NOW), existing)
    except tuple(REFUSALS) as refused:
        return REFUSALS[type(refused)]


def in_words(membership: Membership, existing: Membership | None) -> str:
    if membership is existing:
        return "stays"
    if membership.invitation_id == INVITED.id:
        came = (membership.role, membership.status, membership.joined_via, membership.email_verified)
        assert came == (INVITED.role, MembershipStatus.ACTIVE, JoinedVia.INVITATION, True)
        return "invited"
    assert (membership.role, membership.joined_via) == (TENANT.settings.default_role, JoinedVia.DOMAIN)
    if membership.status is MembershipStatus.ACTIVE:
        assert membership.email_verified
        return "joins"
    return "queues" if membership.email_verified else "provisional"


def test_the_table_has_every_combination_once() -> None:
    assert sorted(case for case, _ in cells()) == sorted(product(INVITATIONS, DOMAINS, PEOPLE))


@pytest.mark.parametrize("invitation", INVITATIONS)
@pytest.mark.parametrize("domain", DOMAINS)
def test_what_becomes_of_a_person(invitation: str, domain: str) -> None:
    told = {case: result for case, result in cells() if case[:2] == (invitation, domain)}
    assert {case: outcome(case, TENANT) for case in told} == told


@pytest.mark.parametrize("invitation", INVITATIONS)
@pytest.mark.parametrize("domain", DOMAINS)
def test_where_the_tenant_is_suspended_every_way_that_leads_there_is_closed(invitation: str, domain: str) -> None:
    """CVE-2024-47060"""
    for case, result in cells():
        if case[:2] == (invitation, domain):
            assert outcome(case, SUSPENDED) == ("nowhere" if result == "nowhere" else "closed")


@pytest.mark.parametrize("person", PEOPLE)
def test_where_nobody_signs_up_by_themselves_a_domain_makes_no_member(person: str) -> None:
    """CVE-2024-49757"""
    closed = replace(TENANT, settings=TENANT.settings.model_copy(update={"self_sign_up": False}))
    for case, result in cells():
        if case[2] == person:
            made_by_domain = result in {"provisional", "joins", "queues"}
            assert outcome(case, closed) == ("nowhere" if made_by_domain else result)
