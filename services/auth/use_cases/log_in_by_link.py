"""Signing in with the link from a mail."""

from dataclasses import dataclass

from services.auth.domain.one_time_tokens import Purpose
from services.auth.domain.sign_in_methods import BY_LINK
from services.auth.domain.throttling import Attempt
from services.auth.errors.admission import NotAMember
from services.auth.errors.credentials import InvalidToken
from services.auth.metrics import counted_sign_in
from services.auth.repository import memberships, one_time_tokens, users
from services.auth.sessions.arrival import Arrival
from services.auth.sessions.issuer import SessionGrant, SessionIssuer
from services.auth.sign_in.link_owner import owner_of_link
from services.auth.sign_in.own_devices import device_of
from services.auth.sign_in.throttle import Throttle
from shared.clock import Clock
from shared.contracts.tenant_settings import SignInMethod
from shared.database import Database
from shared.http.client_info import Client
from shared.ids import token_hash


@dataclass(frozen=True, slots=True)
class LogInByLink:
    """Begin a session in the tenant that the link leads to.

    A link works once, however many use it at once: ``InvalidToken``. Whoever is refused for what has become of their
    membership, or of the tenant, since they asked for it, has not used it up.
    """

    database: Database
    throttle: Throttle
    issuer: SessionIssuer
    clock: Clock

    async def __call__(self, token: str, client: Client) -> SessionGrant:
        with counted_sign_in(SignInMethod.EMAIL_LINK):
            hashed = token_hash(token)
            owner = await owner_of_link(self.database, hashed, Purpose.SIGN_IN, self.clock())
            # Who has the mailbox is here, and may ask again as if nobody had. While the link is good: if this failed
            # afterwards, its owner would have neither link nor session.
            await self.throttle.clear(Attempt.SIGN_IN_LINK, owner.email)
            await self.throttle.clear(Attempt.SIGN_IN_LINK, device_of(owner.email, owner.id, client))
            async with self.database.transaction(owner.tenant_id, person=owner.id) as tx:
                person = await users.lock(tx, owner.id)
                used = await one_time_tokens.consume(tx, hashed, Purpose.SIGN_IN)
                if person is None or used is None or not used.is_good(self.clock()):
                    raise InvalidToken
                found = await memberships.find_with_tenant(tx, used.tenant_id, person.id)
                if found is None:
                    raise NotAMember
                return await self.issuer.open(tx, person, *found, Arrival(client, BY_LINK))
