"""Lets the decision about a person's membership take effect: the only place where memberships come into being."""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.auth.domain.accounts import Membership, Tenant, User
from services.auth.domain.enrolment import Evidence, decide, lets_in_now
from services.auth.errors.joining import InvitationRevoked, TenantNotReplicated
from services.auth.joining.membership_facts import told
from services.auth.joining.offers import stands
from services.auth.joining.role_change import tell_new_role
from services.auth.repository import memberships, tenants, used_invitations
from shared.contracts.auth import MembershipCreated
from shared.database import Transaction
from shared.messaging.outbox import tell

RETRY_AFTER_SECONDS = 1.0


class Enrolled(NamedTuple):
    """What came of it. ``invited``: by an invitation that ``lets_in_now``."""

    membership: Membership
    tenant: Tenant
    invited: bool


async def enrol(tx: Transaction, person: User, evidence: Evidence, *, at: datetime) -> Enrolled:
    """Give ``person`` the one membership that the evidence is worth, and tell of it once it is proven.

    ``tx`` is a transaction of ``evidence.tenant_id`` and of the person, whose row it holds. Doing it again changes
    nothing and tells nothing. A proven membership takes the place of all provisional ones, wherever they are.
    """
    tenant = await held_tenant(tx, evidence.tenant_id)
    existing = await memberships.lock(tx, tenant.id, person.id)
    evidence = await _use_up(tx, evidence, person, at)
    membership = decide(evidence, person, tenant, existing, at=at)
    if membership != existing:
        if evidence.invitation and not await stands(tx, evidence.invitation):
            raise InvitationRevoked
        await _save(tx, membership)
        if existing and existing.email_verified:  # of a provisional one nobody was told
            await tell_new_role(tx, existing, membership, by=None, at=at)
    return Enrolled(membership, tenant, lets_in_now(evidence.invitation, membership, at=at))


async def held_tenant(tx: Transaction, tenant_id: UUID) -> Tenant:
    """The tenant of ``tx``, unchanged until its end; ``TenantNotReplicated`` while auth has not heard of it."""
    return heard_of(await tenants.hold(tx, tenant_id))


def heard_of(tenant: Tenant | None) -> Tenant:
    """``TenantNotReplicated`` unless there is one."""
    if tenant is None:
        raise TenantNotReplicated(retry_after=RETRY_AFTER_SECONDS)
    return tenant


async def _use_up(tx: Transaction, evidence: Evidence, person: User, at: datetime) -> Evidence:
    """Our own record of used invitations counts, too: what invitations knows may still wait for our event."""
    invitation = evidence.invitation
    if invitation is None or await used_invitations.mark(tx, invitation.id, invitation.tenant_id, person.id, at):
        return evidence
    return replace(evidence, invitation=replace(invitation, used=True))


async def _save(tx: Transaction, membership: Membership) -> None:
    if not membership.email_verified:
        await memberships.save(tx, membership)
        return
    await memberships.remove_provisional(tx, membership.user_id)
    await memberships.save(tx, membership)
    await tell(tx, _created(membership))


def _created(membership: Membership) -> MembershipCreated:
    return MembershipCreated(
        **told(membership), joined_via=membership.joined_via, invitation_id=membership.invitation_id
    )
