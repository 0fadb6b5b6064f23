"""Taking a person out of a tenant."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from services.auth.domain.accounts import Membership, User
from services.auth.domain.members import require_removable
from services.auth.domain.sessions import EndReason
from services.auth.joining.holding_members import Held, held_member
from services.auth.joining.membership_facts import told
from services.auth.repository import api_keys, memberships, one_time_tokens, sessions, users
from services.auth.sessions.ending import end_sessions
from services.auth.signing_keys.revoking import told as key_told
from shared.clock import Clock
from shared.contracts.auth import MembershipRemoved
from shared.contracts.caller import Caller
from shared.contracts.tenancy import MembershipStatus
from shared.database import Database, Transaction
from shared.messaging.outbox import tell


@dataclass(frozen=True, slots=True)
class RemoveMember:
    """End a person's membership in the caller's tenant, with all sessions and links to sign in there, and all API keys
    that they made.

    Who lived there moves to another of their tenants; who has none has no account any more, and the address is free to
    be invited or to sign up again. Which of the two it was, the tenant does not learn.
    """

    database: Database
    clock: Clock

    async def __call__(self, caller: Caller, user_id: UUID) -> None:
        async with held_member(self.database, caller, user_id) as (tx, held):
            require_removable(held.member, by=held.by, owners=held.owners)
            await self._end_everything(tx, held, caller.subject)
            await memberships.remove(tx, held.member)
            await _move_out(tx, held.person, await memberships.of_person(tx, user_id))
            await tell(tx, MembershipRemoved(**told(held.member), changed_by=caller.subject), clock=self.clock)

    async def _end_everything(self, tx: Transaction, held: Held, by: UUID) -> None:
        now, (tenant_id, user_id) = self.clock(), (held.member.tenant_id, held.member.user_id)
        await end_sessions(tx, await sessions.lock_live_in(tx, tenant_id, user_id, now), EndReason.REMOVED, now)
        await sessions.forget_devices(tx, tenant_id, user_id, now)
        await one_time_tokens.remove_ways_into(tx, tenant_id, user_id)
        keys = await api_keys.remove_made_by(tx, tenant_id, user_id)
        await tell(tx, *(key_told(key, by=by) for key in keys), clock=self.clock)


async def _move_out(tx: Transaction, person: User, remaining: Sequence[Membership]) -> None:
    """A home where they are active, else any: whom a tenant has suspended must not come back to it as somebody new."""
    if person.tenant_id in {membership.tenant_id for membership in remaining}:
        return
    homes = sorted(remaining, key=lambda membership: membership.status is not MembershipStatus.ACTIVE)
    if homes:
        await users.save(tx, replace(person, tenant_id=homes[0].tenant_id))
    else:
        await users.close(tx, person.id)
