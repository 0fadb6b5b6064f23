"""The life of memberships in one tenant, in every order in which things can happen: what must hold all the while."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.auth.domain.accounts import Membership, Tenant, User
from services.auth.domain.domain_claims import DomainClaim
from services.auth.domain.enrolment import Evidence, decide
from services.auth.domain.invitations import Invitation
from services.auth.domain.members import Wanted, change, require_removable
from services.auth.errors.admission import MembershipSuspended
from services.auth.errors.members import AddressUnproven, LastOwner, NotApproved, RoleTooHigh
from shared.contracts.email import parse_email
from shared.contracts.tenancy import EnrolmentMode, MembershipStatus, Role, TenantStatus
from shared.errors import Forbidden, Problem
from shared.ids import new_id

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
TENANT = Tenant(new_id(), "Company", "company", TenantStatus.ACTIVE)
PEOPLE = [User(new_id(), TENANT.id, parse_email(f"p{n}@company.com"), f"P{n}", None, START, START) for n in range(5)]
ACTIVE, PENDING, SUSPENDED = MembershipStatus.ACTIVE, MembershipStatus.PENDING, MembershipStatus.SUSPENDED

anybody = st.sampled_from(PEOPLE)
roles = st.sampled_from(Role)
MANAGERS = {Role.OWNER, Role.ADMIN}
standing = st.sampled_from([ACTIVE, SUSPENDED])
modes = st.sampled_from([EnrolmentMode.AUTOMATIC, EnrolmentMode.APPROVAL])


class Tenancy(RuleBasedStateMachine):
    """One tenant with an owner, and people who come, are changed by each other, and go."""

    def __init__(self) -> None:
        super().__init__()
        self.members: dict[User, Membership] = {}
        self.now = START

    @initialize()
    def found(self) -> None:
        self.enrol(PEOPLE[0], Evidence(proven=True, invitation=Invitation(new_id(), TENANT.id, Role.OWNER)))

    @property
    def owners(self) -> list[Membership]:
        return [each for each in self.members.values() if each.role is Role.OWNER and each.status is ACTIVE]

    def enrol(self, person: User, evidence: Evidence) -> None:
        self.now += timedelta(seconds=1)
        before = self.members.get(person)
        after = decide(evidence, person, TENANT, before, at=self.now)
        if before:
            assert before.status is not SUSPENDED
            assert after.role.rank >= before.role.rank, "coming in again lowers nobody"
        self.members[person] = after

    # --- coming in

    @rule(person=anybody, role=roles, reserved=st.booleans())
    def accept_an_invitation(self, person: User, role: Role, reserved: bool) -> None:
        kept_until = self.now + timedelta(minutes=1) if reserved else None
        with suppress(MembershipSuspended):
            self.enrol(
                person, Evidence(proven=True, invitation=Invitation(new_id(), TENANT.id, role, kept_until=kept_until))
            )
            assert self.members[person].status is ACTIVE

    @rule(person=anybody, mode=modes, proven=st.booleans())
    def sign_up_by_domain(self, person: User, mode: EnrolmentMode, proven: bool) -> None:
        claim = DomainClaim(TENANT.id, "company.com", mode, include_subdomains=False)
        before = self.members.get(person)
        with suppress(MembershipSuspended):
            self.enrol(person, Evidence(proven=proven, claim=claim))
            if before and before.email_verified:
                assert self.members[person] == before, "a domain changes no membership that is there"

    # --- being changed

    @rule(by=anybody, person=anybody, role=roles)
    def give_a_role(self, by: User, person: User, role: Role) -> None:
        self.try_to_change(by, person, Wanted(role=role))

    @rule(by=anybody, person=anybody, status=standing)
    def suspend_resume_or_approve(self, by: User, person: User, status: MembershipStatus) -> None:
        self.try_to_change(by, person, Wanted(status=status))

    def try_to_change(self, by: User, person: User, wanted: Wanted) -> None:
        self._attempt(by, person, lambda acting, member: self._change(acting, member, wanted))

    def _change(self, acting: Membership, member: Membership, wanted: Wanted) -> Membership:
        changed = change(member, wanted, by=acting, owners=self.owners)
        assert acting.status is ACTIVE
        assert acting.role in MANAGERS
        assert max(member.role.rank, changed.role.rank) <= acting.role.rank, "nobody reaches above themselves"
        assert member.email_verified, "who has proven nothing is given nothing"
        return changed

    @rule(by=anybody, person=anybody)
    def remove(self, by: User, person: User) -> None:
        def removed(acting: Membership, member: Membership) -> None:
            require_removable(member, by=acting, owners=self.owners)
            assert acting.role in MANAGERS
            assert member.role.rank <= acting.role.rank

        self._attempt(by, person, removed)

    def _attempt(self, by: User, person: User, deed: Callable[[Membership, Membership], Membership | None]) -> None:
        acting, member = self.members.get(by), self.members.get(person)
        if acting is None or member is None:
            return
        try:
            after = deed(acting, member)
        except (Forbidden, LastOwner, NotApproved, AddressUnproven) as refused:
            self._require_reason(refused, acting, member)
            return
        if after is None:
            del self.members[person]
        else:
            self.members[person] = after

    def _require_reason(self, refused: Problem, acting: Membership, member: Membership) -> None:
        """What was refused had to be."""
        if isinstance(refused, LastOwner):
            assert self.owners == [member]
        elif isinstance(refused, NotApproved):
            assert member.status is PENDING
        elif isinstance(refused, AddressUnproven):
            assert not member.email_verified
        elif not isinstance(refused, RoleTooHigh):
            assert acting.status is not ACTIVE or acting.role not in MANAGERS

    # --- what must hold

    @precondition(lambda self: self.members)
    @invariant()
    def there_is_always_an_active_owner(self) -> None:
        assert self.owners

    @invariant()
    def nobody_unproven_is_active_or_has_a_role(self) -> None:
        for member in self.members.values():
            assert member.email_verified or (member.status, member.role) == (PENDING, Role.MEMBER)


Tenancy.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestTenancy = Tenancy.TestCase
