"""Makes accounts whose address is proven."""

from uuid import UUID

from services.auth.domain.accounts import User
from services.auth.enrol import held_tenant
from services.auth.errors import AccountExists
from services.auth.repository import users
from shared.contracts.auth import UserRegistered
from shared.database import Transaction
from shared.messaging.outbox import tell


async def register(tx: Transaction, person: User, *, in_place_of: UUID | None) -> None:
    """Add ``person``, who has proven the address, in the tenant of ``tx``.

    ``AccountExists`` when somebody else was faster, ``TenantNotReplicated`` while auth has not heard of the tenant.

    ``in_place_of`` is an account that holds the address without proof. It is removed rather than changed, so that
    nothing of whoever made it is left: no password, no link, no session.
    """
    await held_tenant(tx, person.tenant_id)
    if in_place_of and not await users.remove_unverified(tx, in_place_of):
        raise AccountExists
    if not await users.add(tx, person):
        raise AccountExists
    await tell(tx, UserRegistered(user_id=person.id, email=person.email, name=person.name, email_verified=True))
