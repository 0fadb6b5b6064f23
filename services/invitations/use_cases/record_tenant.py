"""Take note of a tenant."""

from dataclasses import dataclass

from services.invitations.domain.tenancy import Tenant
from services.invitations.repository import tenants
from shared.database import Transaction


@dataclass(frozen=True, slots=True)
class RecordTenant:
    """Know the tenant's newest state."""

    async def __call__(self, tx: Transaction, tenant: Tenant, *, sequence: int, with_settings: bool = True) -> None:
        await tenants.put(tx, tenant, sequence, with_settings=with_settings)
