"""Holds a member of a tenant for a change, together with all that the change has to be judged by."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from services.auth.domain.accounts import Membership, User
from services.auth.errors.members import UserNotFound
from services.auth.repository import memberships, users
from shared.contracts.caller import Caller
from shared.contracts.tenancy import MembershipStatus, Role
from shared.database import Database, Transaction
from shared.errors import Forbidden


@dataclass(frozen=True, slots=True)
class Held:
    """A member whom nobody else changes meanwhile. ``by`` is what the caller is today, ``owners`` all active ones."""

    person: User
    member: Membership
    by: Membership
    owners: tuple[Membership, ...]


@asynccontextmanager
async def held_member(database: Database, caller: Caller, user_id: UUID) -> AsyncIterator[tuple[Transaction, Held]]:
    """A transaction of the caller's tenant that holds one of its people, the caller, and all of its active owners.

    ``UserNotFound`` for people elsewhere, ``Forbidden`` when the caller was taken out meanwhile. The person first, as
    whoever signs in does: so nobody who does so at this moment gets a session that the change does not see. Then the
    memberships in one order, so that of two who take each other's ownership the second one finds the first one's work,
    and neither waits for the other for ever. The caller's is among them: who waits here is judged as what they are
    when it is their turn.
    """
    async with database.transaction(caller.tenant_id) as tx:
        if await memberships.find(tx, caller.tenant_id, caller.subject) is None:
            raise Forbidden
        if await memberships.find(tx, caller.tenant_id, user_id) is None:
            raise UserNotFound
        await tx.act_for(user_id)
        person = await users.lock(tx, user_id)
        rows = await memberships.lock_with_owners(tx, caller.tenant_id, (user_id, caller.subject))
        found = {row.user_id: row for row in rows}
        if caller.subject not in found:
            raise Forbidden
        if person is None or user_id not in found:
            raise UserNotFound
        owners = tuple(row for row in rows if row.role is Role.OWNER and row.status is MembershipStatus.ACTIVE)
        yield tx, Held(person, found[user_id], found[caller.subject], owners)
