"""What a signed-in person sees of themselves."""

from dataclasses import dataclass

from services.auth.domain.accounts import Membership, Tenant
from services.auth.repository import memberships, tenants
from shared.contracts.caller import Caller
from shared.contracts.permissions import Permission
from shared.database import Database
from shared.errors import Unauthenticated


@dataclass(frozen=True, slots=True)
class Myself:
    """The caller in the tenant of the token, and everywhere else that they belong to, by name of the tenant."""

    membership: Membership
    tenant: Tenant
    permissions: frozenset[Permission]
    belongings: list[tuple[Tenant, Membership]]


@dataclass(frozen=True, slots=True)
class WhoAmI:
    """Tell callers who they are, where they act, what they may do there, and where else they belong."""

    database: Database

    async def __call__(self, caller: Caller) -> Myself:
        async with self.database.transaction(caller.tenant_id, person=caller.subject) as tx:
            joined = {
                membership.tenant_id: membership for membership in await memberships.of_person(tx, caller.subject)
            }
            own = await tenants.of_person(tx, caller.subject)
        belongings = [(tenant, joined[tenant.id]) for tenant in own if tenant.id in joined]
        for tenant, membership in belongings:
            if tenant.id == caller.tenant_id:
                return Myself(membership, tenant, caller.permissions, belongings)
        raise Unauthenticated("You no longer belong to this company. Sign in again.")
