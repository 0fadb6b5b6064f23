"""Asking for a link that signs one in."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.auth.domain.accounts import Tenant, User
from services.auth.domain.one_time_tokens import OneTimeToken, Purpose
from services.auth.domain.sessions import refusal
from services.auth.domain.sign_in_methods import BY_LINK
from services.auth.domain.throttling import Attempt
from services.auth.postbox import Postbox
from services.auth.repository import memberships, one_time_tokens, tenants, users
from services.auth.sign_in.even_time import ANSWER_SECONDS, at_least
from services.auth.sign_in.own_devices import own_device
from services.auth.sign_in.throttle import Throttle
from shared.clock import Clock
from shared.contracts.email import Email
from shared.database import Database, Transaction
from shared.http.client_info import Client
from shared.ids import new_token, token_hash


@dataclass(frozen=True, slots=True)
class SendSignInLink:
    """Mail the owner of a verified account a link into the tenant asked for.

    If none is asked for, into the home tenant, or the one used last of those that let them in where the home does not.
    Only if it would let them in there today; every earlier one is dead then. Nobody who asks learns whether a mail
    went out: not from the answer, nor from its time, nor from a limit. When strangers have used up what may be asked
    for an address, its owner may still ask from devices that they have signed in from before.
    """

    database: Database
    throttle: Throttle
    postbox: Postbox
    life: timedelta
    clock: Clock

    async def __call__(self, email: Email, tenant_id: UUID | None, client: Client) -> None:
        async with at_least(ANSWER_SECONDS):
            if not await self._may_ask(email, client):
                return
            async with self.database.look_up() as across:
                user = await users.find_by_email(across, email)
            if user is not None and user.is_verified:
                await self._consider(user, tenant_id)

    async def _may_ask(self, email: Email, client: Client) -> bool:
        if await self.throttle.allows(Attempt.SIGN_IN_LINK, email):
            return True
        device = await own_device(self.database, email, client)
        return device is not None and await self.throttle.allows(Attempt.SIGN_IN_LINK, device)

    async def _consider(self, user: User, tenant_id: UUID | None) -> None:
        # The home's transaction: a tenant that a request names opens nothing before it proves to be one's own.
        async with self.database.transaction(user.tenant_id, person=user.id) as tx:
            current = await users.lock(tx, user.id)
            if current is None:
                return
            tenant = await _taking(tx, current, tenant_id or current.tenant_id)
            if tenant is None and tenant_id is None:
                tenant = next(iter(await tenants.that_admit(tx, current.id, BY_LINK, 1)), None)
            if tenant is not None:
                await self._send(tx, current, tenant)

    async def _send(self, tx: Transaction, user: User, tenant: Tenant) -> None:
        secret, now = new_token(), self.clock()
        await one_time_tokens.remove(tx, user.id, Purpose.SIGN_IN)
        token = OneTimeToken(
            hash=token_hash(secret),
            tenant_id=tenant.id,
            user_id=user.id,
            purpose=Purpose.SIGN_IN,
            credentials=None,
            created_at=now,
            expires_at=now + self.life,
        )
        await one_time_tokens.add(tx, token)
        await self.postbox.sign_in_link(tx, user, tenant, secret, self.life)


async def _taking(tx: Transaction, user: User, tenant_id: UUID) -> Tenant | None:
    """The tenant, if it would let ``user`` in by a link."""
    found = await memberships.find_with_tenant(tx, tenant_id, user.id)
    return None if found is None or refusal(user, *found, BY_LINK) else found[1]
