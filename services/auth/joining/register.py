"""Makes accounts whose address is proven."""

from datetime import datetime
from uuid import UUID

from services.auth.domain.accounts import User
from services.auth.domain.sessions import EndReason
from services.auth.errors.joining import AccountExists
from services.auth.joining.enrol import held_tenant
from services.auth.repository import sessions, users
from services.auth.sessions.ending import end_sessions
from shared.contracts.auth import UserRegistered
from shared.database import Transaction
from shared.messaging.outbox import tell


async def register(tx: Transaction, person: User, *, in_place_of: UUID | None, at: datetime) -> None:
    """Add ``person``, who has proven the address, in the tenant of ``tx``.

    ``AccountExists`` when somebody else was faster, ``TenantNotReplicated`` while auth has not heard of the tenant.

    ``in_place_of`` is an account that holds the address without proof, the person of ``tx``. It is removed rather than
    changed, so that nothing of whoever made it is left: no password, no link, no session that goes on.
    """
    await held_tenant(tx, person.tenant_id)
    if in_place_of:
        if not await users.remove_unverified(tx, in_place_of):
            raise AccountExists
        await end_sessions(tx, await sessions.lock_live(tx, in_place_of, at), EndReason.REMOVED, at)
    if not await users.add(tx, person):
        raise AccountExists
    await tell(tx, UserRegistered(user_id=person.id, email=person.email, name=person.name, email_verified=True))
