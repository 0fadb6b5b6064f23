"""Take note of a tenant."""

from dataclasses import dataclass

from services.invitations.domain.tenancy import Tenant
from services.invitations.repository import tenants
from services.invitations.use_cases.invite_owner import InviteOwner
from shared.contracts.email import Email
from shared.database import Transaction


@dataclass(frozen=True, slots=True)
class RecordTenant:
    """Know the tenant's newest state, and invite the owner that was named for it."""

    invite_owner: InviteOwner

    async def __call__(
        self,
        tx: Transaction,
        tenant: Tenant,
        *,
        sequence: int,
        owner: Email | None = None,
        with_settings: bool = True,
    ) -> None:
        await tenants.put(tx, tenant, sequence, with_settings=with_settings)
        if owner:
            await self.invite_owner.named_at_first(tx, tenant, owner)
