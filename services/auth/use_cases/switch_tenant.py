"""Going on in another tenant."""

from dataclasses import dataclass
from uuid import UUID

from services.auth.errors.admission import NotAMember
from services.auth.repository import memberships, users
from services.auth.sessions.arrival import Arrival
from services.auth.sessions.issuer import SessionGrant, SessionIssuer
from services.auth.sessions.own import hold_own_session
from shared.clock import Clock
from shared.contracts.caller import Caller
from shared.database import Database
from shared.errors import Unauthenticated
from shared.http.client_info import Client


@dataclass(frozen=True, slots=True)
class SwitchTenant:
    """Begin a session in another of the caller's tenants. The one that asks goes on, as in another tab.

    It counts as begun by the same methods, at the time when those were shown, and ends no later. Whether there is a
    tenant to which the caller does not belong is not said: ``NotAMember``.
    """

    database: Database
    issuer: SessionIssuer
    clock: Clock

    async def __call__(self, caller: Caller, tenant_id: UUID, client: Client) -> SessionGrant:
        # The caller's own tenant's transaction: the one that the request names opens nothing before it proves theirs.
        async with self.database.transaction(caller.tenant_id, person=caller.subject) as tx:
            person = await users.lock(tx, caller.subject)
            own = await hold_own_session(tx, caller, self.clock())
            if person is None:
                raise Unauthenticated
            found = await memberships.find_with_tenant(tx, tenant_id, person.id)
            if found is None:
                raise NotAMember
            return await self.issuer.open(tx, person, *found, Arrival.within(own, client))
