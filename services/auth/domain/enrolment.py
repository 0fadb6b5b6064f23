"""The one way in: what becomes of a person in a tenant, on the evidence at hand."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.auth.domain.accounts import Membership, Tenant, User
from services.auth.domain.domain_claims import DomainClaim
from services.auth.domain.invitations import Invitation
from services.auth.errors.admission import EmailUnverified, MembershipSuspended, TenantSuspended
from services.auth.errors.joining import InvitationUsed, ReservationLapsed, TenantUndetermined
from shared.contracts.auth import JoinedVia
from shared.contracts.tenancy import PLATFORM_TENANT_ID, EnrolmentMode, MembershipStatus, Role

ASKED_AGAIN_WITHIN = timedelta(minutes=10)
"""For so long whoever has not seen the answer to their joining may ask for it again."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that speaks for letting a person in. ``proven``: the mailbox is theirs, by a link that was sent to it."""

    proven: bool
    invitation: Invitation | None = None
    claim: DomainClaim | None = None
    operator: bool = False

    @property
    def tenant_id(self) -> UUID:
        """Where the strongest of it leads: an operator's word, then an invitation, then the e-mail domain.

        ``TenantUndetermined`` when it leads nowhere.
        """
        if self.operator:
            return PLATFORM_TENANT_ID
        if self.invitation:
            return self.invitation.tenant_id
        if self.claim and self.claim.mode is not EnrolmentMode.MANUAL:
            return self.claim.tenant_id
        raise TenantUndetermined


def decide(
    evidence: Evidence, person: User, tenant: Tenant, existing: Membership | None, *, at: datetime
) -> Membership:
    """The person's one membership in ``tenant``, to which the evidence leads; ``existing`` itself if nothing changes.

    - Into a suspended tenant goes nobody, and nothing lifts a person's own suspension on the way.
    - Without proof of the address an invitation is nothing, and a domain is good for a provisional membership only,
      which takes no room from what is proven later.
    - An operator's word and an invitation never lower a role, and stand for an admin's approval.
    - An invitation is good once, and only while it is kept for the person: afterwards it may have been taken back.
      The person whom it let in may come with it again, and finds nothing changed.
    - A domain never changes a membership that is there, and makes none where the tenant wants no self-sign-up.
    """
    if tenant.is_suspended:
        raise TenantSuspended
    if existing and existing.status is MembershipStatus.SUSPENDED:
        raise MembershipSuspended
    if not evidence.proven:
        return _unproven(evidence, person, tenant, existing, at)
    member = existing if existing and existing.email_verified else None
    fresh = _new(person, tenant, at)
    if evidence.operator:
        return _raised(member, fresh, Role.OWNER, JoinedVia.OPERATOR)
    if evidence.invitation:
        return _invited(evidence.invitation, member, fresh, at)
    if member:
        return member
    _require_self_sign_up(tenant)
    return fresh if _admits_at_once(evidence.claim) else fresh._replace(status=MembershipStatus.PENDING)


def lets_in_now(invitation: Invitation | None, membership: Membership, *, at: datetime) -> bool:
    """Whether it is by ``invitation`` that the person is let in, and not by what it did once.

    One that was used may be years old, and would go round the tenant's rule for sign-in for good.
    """
    return invitation is not None and (not invitation.used or at < membership.created_at + ASKED_AGAIN_WITHIN)


def _unproven(
    evidence: Evidence, person: User, tenant: Tenant, existing: Membership | None, at: datetime
) -> Membership:
    if evidence.invitation or evidence.operator:
        raise EmailUnverified
    if existing:
        return existing
    _require_self_sign_up(tenant)
    return _new(person, tenant, at)._replace(status=MembershipStatus.PENDING, email_verified=False)


def _require_self_sign_up(tenant: Tenant) -> None:
    if not tenant.settings.self_sign_up:
        raise TenantUndetermined


def _invited(invitation: Invitation, member: Membership | None, fresh: Membership, at: datetime) -> Membership:
    if member and member.invitation_id == invitation.id:
        return member
    if invitation.used:
        raise InvitationUsed
    if invitation.kept_until and at >= invitation.kept_until:
        raise ReservationLapsed
    joined = _raised(member, fresh, invitation.role, JoinedVia.INVITATION)
    return joined._replace(joined_via=JoinedVia.INVITATION, invitation_id=invitation.id)


def _raised(member: Membership | None, fresh: Membership, role: Role, via: JoinedVia) -> Membership:
    """``member`` with ``role`` or the higher one that they have, and let in if they were waiting."""
    if member is None:
        return fresh._replace(role=role, joined_via=via)
    return member._replace(role=max(member.role, role, key=lambda each: each.rank), status=MembershipStatus.ACTIVE)


def _new(person: User, tenant: Tenant, at: datetime) -> Membership:
    return Membership(
        tenant_id=tenant.id,
        user_id=person.id,
        email=person.email,
        name=person.name,
        role=tenant.settings.default_role,
        status=MembershipStatus.ACTIVE,
        joined_via=JoinedVia.DOMAIN,
        email_verified=True,
        invitation_id=None,
        created_at=at,
    )


def _admits_at_once(claim: DomainClaim | None) -> bool:
    return claim is not None and claim.mode is EnrolmentMode.AUTOMATIC
