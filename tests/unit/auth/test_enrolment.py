"""The one way in: every combination of evidence, membership and tenant, and what it comes to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from services.auth.domain.accounts import Membership, Tenant, User
from services.auth.domain.domain_claims import DomainClaim
from services.auth.domain.enrolment import Evidence, decide
from services.auth.domain.invitations import Invitation
from services.auth.errors.admission import EmailUnverified, MembershipSuspended, TenantSuspended
from services.auth.errors.joining import InvitationUsed, ReservationLapsed, TenantUndetermined
from shared.contracts.auth import JoinedVia
from shared.contracts.email import parse_email
from shared.contracts.tenancy import PLATFORM_TENANT_ID, EnrolmentMode, MembershipStatus, Role, TenantStatus
from shared.contracts.tenant_settings import TenantSettings
from shared.errors import Problem
from shared.ids import new_id

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TENANT = Tenant(new_id(), "Company", "company", TenantStatus.ACTIVE)
SUSPENDED = replace(TENANT, status=TenantStatus.SUSPENDED)
ANNA = User(new_id(), TENANT.id, parse_email("anna@company.com"), "Anna", None, None, NOW)

INVITED = Invitation(new_id(), TENANT.id, Role.HR)
USED = replace(INVITED, used=True)
MEMBER = Membership(
    tenant_id=TENANT.id,
    user_id=ANNA.id,
    email=ANNA.email,
    name=ANNA.name,
    role=Role.MEMBER,
    status=MembershipStatus.ACTIVE,
    joined_via=JoinedVia.DOMAIN,
    email_verified=True,
    invitation_id=None,
    created_at=NOW - timedelta(days=9),
)
WAITING = MEMBER._replace(status=MembershipStatus.PENDING)
PROVISIONAL = WAITING._replace(email_verified=False)
LOCKED_OUT = MEMBER._replace(status=MembershipStatus.SUSPENDED)
OWNER = MEMBER._replace(role=Role.OWNER)
CAME_BY_IT = MEMBER._replace(role=Role.HR, joined_via=JoinedVia.INVITATION, invitation_id=INVITED.id)

UNPROVEN = PROVISIONAL._replace(created_at=NOW)
JOINED = MEMBER._replace(created_at=NOW)
QUEUED = WAITING._replace(created_at=NOW)
AS_INVITED = CAME_BY_IT._replace(created_at=NOW)
AS_OPERATOR = JOINED._replace(role=Role.OWNER, joined_via=JoinedVia.OPERATOR)


def claim(mode: EnrolmentMode) -> DomainClaim:
    return DomainClaim(TENANT.id, "company.com", mode, include_subdomains=False)


AUTOMATIC, APPROVAL = claim(EnrolmentMode.AUTOMATIC), claim(EnrolmentMode.APPROVAL)

Result = Membership | type[Problem]

# What is there already, against what speaks for the person. The same object means: nothing changes.
EXISTING = (None, PROVISIONAL, WAITING, MEMBER, OWNER, CAME_BY_IT, LOCKED_OUT)
TABLE: list[tuple[Evidence, tuple[Result, ...]]] = [
    (
        Evidence(proven=False, claim=AUTOMATIC),
        (UNPROVEN, PROVISIONAL, WAITING, MEMBER, OWNER, CAME_BY_IT, MembershipSuspended),
    ),
    (
        Evidence(proven=False, claim=APPROVAL),
        (UNPROVEN, PROVISIONAL, WAITING, MEMBER, OWNER, CAME_BY_IT, MembershipSuspended),
    ),
    (
        Evidence(proven=True, claim=AUTOMATIC),
        (JOINED, JOINED, WAITING, MEMBER, OWNER, CAME_BY_IT, MembershipSuspended),
    ),
    (
        Evidence(proven=True, claim=APPROVAL),
        (QUEUED, QUEUED, WAITING, MEMBER, OWNER, CAME_BY_IT, MembershipSuspended),
    ),
    (Evidence(proven=False, invitation=INVITED), (EmailUnverified,) * 6 + (MembershipSuspended,)),
    (
        Evidence(proven=True, invitation=INVITED),
        (
            AS_INVITED,
            AS_INVITED,
            CAME_BY_IT,
            CAME_BY_IT,
            CAME_BY_IT._replace(role=Role.OWNER),
            CAME_BY_IT,
            MembershipSuspended,
        ),
    ),
    (Evidence(proven=True, invitation=USED), (InvitationUsed,) * 5 + (CAME_BY_IT, MembershipSuspended)),
    (Evidence(proven=False, operator=True), (EmailUnverified,) * 6 + (MembershipSuspended,)),
    (
        Evidence(proven=True, operator=True),
        (
            AS_OPERATOR,
            AS_OPERATOR,
            OWNER,
            OWNER,
            OWNER,
            CAME_BY_IT._replace(role=Role.OWNER),
            MembershipSuspended,
        ),
    ),
]
CASES = [
    (evidence, existing, result)
    for evidence, results in TABLE
    for existing, result in zip(EXISTING, results, strict=True)
]


@pytest.mark.parametrize(("evidence", "existing", "result"), CASES)
def test_what_the_evidence_comes_to(evidence: Evidence, existing: Membership | None, result: Result) -> None:
    if isinstance(result, type):
        with pytest.raises(result):
            decide(evidence, ANNA, TENANT, existing, at=NOW)
    else:
        assert decide(evidence, ANNA, TENANT, existing, at=NOW) == result


@pytest.mark.parametrize(("evidence", "existing"), [case[:2] for case in CASES if case[0].invitation])
def test_an_invitation_decides_whatever_the_domain_says(evidence: Evidence, existing: Membership | None) -> None:
    """PostHog#23930."""
    for domain in (AUTOMATIC, APPROVAL, claim(EnrolmentMode.MANUAL)):
        assert _outcome(replace(evidence, claim=domain), existing) == _outcome(evidence, existing)


@pytest.mark.parametrize(("evidence", "result"), [case[::2] for case in CASES if isinstance(case[2], Membership)])
def test_repeating_is_a_success_that_changes_nothing(evidence: Evidence, result: Membership) -> None:
    again = replace(evidence, invitation=replace(evidence.invitation, used=True)) if evidence.invitation else evidence

    assert decide(again, ANNA, TENANT, result, at=NOW + timedelta(hours=1)) == result


@pytest.mark.parametrize("existing", [None, PROVISIONAL, WAITING, MEMBER, OWNER])
def test_an_invitation_is_good_while_it_is_kept(existing: Membership | None) -> None:
    kept = Evidence(True, replace(INVITED, kept_until=NOW + timedelta(seconds=1)))
    lapsed = Evidence(True, replace(INVITED, kept_until=NOW))

    assert decide(kept, ANNA, TENANT, existing, at=NOW).invitation_id == INVITED.id
    with pytest.raises(ReservationLapsed):
        decide(lapsed, ANNA, TENANT, existing, at=NOW)
    assert decide(lapsed, ANNA, TENANT, CAME_BY_IT, at=NOW) is CAME_BY_IT


@pytest.mark.parametrize(("evidence", "existing"), [case[:2] for case in CASES])
def test_into_a_suspended_tenant_goes_nobody(evidence: Evidence, existing: Membership | None) -> None:
    """CVE-2024-47060."""
    with pytest.raises(TenantSuspended):
        decide(evidence, ANNA, SUSPENDED, existing, at=NOW)


@pytest.mark.parametrize(("evidence", "existing", "result"), CASES)
def test_without_self_sign_up_a_domain_makes_no_member(
    evidence: Evidence, existing: Membership | None, result: Result
) -> None:
    """CVE-2024-49757. Invitations, operators and those who are in already are not touched by it."""
    closed = replace(TENANT, settings=TenantSettings(self_sign_up=False))
    by_domain = not evidence.invitation and not evidence.operator
    if by_domain and isinstance(result, Membership) and result is not existing:
        with pytest.raises(TenantUndetermined):
            decide(evidence, ANNA, closed, existing, at=NOW)
    else:
        assert _outcome(evidence, existing, closed) == _outcome(evidence, existing)


@pytest.mark.parametrize(("held", "offered"), list(product(Role, Role)))
def test_an_invitation_never_lowers_a_role(held: Role, offered: Role) -> None:
    invitation = replace(INVITED, role=offered)

    joined = decide(Evidence(True, invitation), ANNA, TENANT, MEMBER._replace(role=held), at=NOW)

    assert joined.role.rank == max(held.rank, offered.rank)


@pytest.mark.parametrize("role", Role)
def test_a_newcomer_has_the_role_of_the_invitation(role: Role) -> None:
    assert decide(Evidence(True, replace(INVITED, role=role)), ANNA, TENANT, None, at=NOW).role is role


class TestWhereTheEvidenceLeads:
    def test_an_operators_word_into_the_platform(self) -> None:
        assert Evidence(True, INVITED, AUTOMATIC, operator=True).tenant_id == PLATFORM_TENANT_ID

    def test_an_invitation_before_a_domain(self) -> None:
        elsewhere = replace(INVITED, tenant_id=new_id())
        assert Evidence(True, elsewhere, AUTOMATIC).tenant_id == elsewhere.tenant_id

    @pytest.mark.parametrize("domain", [AUTOMATIC, APPROVAL])
    def test_a_domain_to_its_tenant(self, domain: DomainClaim) -> None:
        assert Evidence(True, claim=domain).tenant_id == TENANT.id

    @pytest.mark.parametrize("domain", [None, claim(EnrolmentMode.MANUAL)])
    def test_nothing_nowhere(self, domain: DomainClaim | None) -> None:
        with pytest.raises(TenantUndetermined):
            _ = Evidence(True, claim=domain).tenant_id


def _outcome(evidence: Evidence, existing: Membership | None, tenant: Tenant = TENANT) -> object:
    try:
        return decide(evidence, ANNA, tenant, existing, at=NOW)
    except Problem as problem:
        return type(problem)
