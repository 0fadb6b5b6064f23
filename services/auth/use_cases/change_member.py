"""Changing what a person is in a tenant: role, name, let in, locked out."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.auth.domain.accounts import Membership
from services.auth.domain.members import Wanted, change
from services.auth.domain.sessions import EndReason
from services.auth.joining.holding_members import held_member
from services.auth.joining.membership_facts import told
from services.auth.joining.role_change import tell_new_role
from services.auth.postbox import Postbox
from services.auth.repository import memberships, one_time_tokens, sessions, tenants
from services.auth.sessions.ending import end_sessions
from shared.clock import Clock
from shared.contracts.auth import (
    MembershipApproved,
    MembershipChange,
    MembershipRenamed,
    MembershipResumed,
    MembershipSuspended,
)
from shared.contracts.caller import Caller
from shared.contracts.tenancy import MembershipStatus
from shared.database import Database, Transaction
from shared.messaging.outbox import tell


@dataclass(frozen=True, slots=True)
class ChangeMember:
    """Make a person of the caller's tenant what is wanted, within the caller's own role as it is today.

    A new role takes effect at once: tokens that say the former are dead, and the next refresh tells the new. A
    suspension ends all sessions and links to sign in there, and puts the API keys that the person made to sleep.
    """

    database: Database
    postbox: Postbox
    clock: Clock

    async def __call__(self, caller: Caller, user_id: UUID, wanted: Wanted) -> Membership:
        async with held_member(self.database, caller, user_id) as (tx, held):
            changed = change(held.member, wanted, by=held.by, owners=held.owners)
            if changed != held.member:
                await memberships.save(tx, changed)
                await self._follow_up(tx, held.member, changed, caller.subject, self.clock())
        return changed

    async def _follow_up(self, tx: Transaction, before: Membership, after: Membership, by: UUID, at: datetime) -> None:
        await tell_new_role(tx, before, after, by=by, at=at)
        if before.name != after.name:
            await tell(tx, MembershipRenamed(**told(after), changed_by=by), clock=self.clock)
        if before.status is not after.status:
            await tell(tx, _new_status(before, after, by), clock=self.clock)
        if after.status is MembershipStatus.SUSPENDED:
            locked = await sessions.lock_live_in(tx, after.tenant_id, after.user_id, at)
            await end_sessions(tx, locked, EndReason.SUSPENDED, at)
            await one_time_tokens.remove_ways_into(tx, after.tenant_id, after.user_id)
        if before.status is MembershipStatus.PENDING and after.status is MembershipStatus.ACTIVE:
            tenant = await tenants.find(tx, after.tenant_id)
            if tenant:
                await self.postbox.approved(tx, after, tenant)


def _new_status(before: Membership, after: Membership, by: UUID) -> MembershipChange:
    if after.status is MembershipStatus.SUSPENDED:
        return MembershipSuspended(**told(after), changed_by=by)
    if before.status is MembershipStatus.SUSPENDED:
        return MembershipResumed(**told(after), changed_by=by)
    return MembershipApproved(**told(after), changed_by=by)
