"""Invite the first owner of a tenant, whom an operator names."""

from dataclasses import dataclass
from uuid import UUID

import structlog

from services.invitations.domain.invitation import Invitation
from services.invitations.domain.offer import Offer
from services.invitations.domain.tenancy import LEAST_OPERATOR, Tenant
from services.invitations.errors import StandingUnsettled, TenantHasOwner
from services.invitations.issuing import Issuer
from services.invitations.repository import invitations, members, tenants
from shared.contracts.email import Email
from shared.contracts.invitations import RevocationReason
from shared.contracts.tenancy import PLATFORM_TENANT_ID, Role
from shared.database import Database, Transaction

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class InviteOwner:
    """Ask an address to become the owner of a tenant that has none. A member who accepts is raised to it.

    Whoever was asked before, at another address, which may be a stranger's, is asked no more. ``TenantHasOwner`` once
    anybody has accepted: the last owner of a tenant stays one, so from then on its own people decide who else is.
    """

    database: Database
    issuer: Issuer

    async def __call__(self, tenant_id: UUID, email: Email, *, by: UUID) -> Invitation:
        if tenant_id == PLATFORM_TENANT_ID:  # whose owners come by the word of whoever may run commands
            raise TenantHasOwner
        async with self.database.transaction(tenant_id) as tx:
            if not await self._is_operator(tx, by):
                raise StandingUnsettled
            tenant = await tenants.lock(tx)
            tenant.require_active()
            await invitations.lock_addresses(tx, email)
            asked = await invitations.lock_pending_owners(tx)
            if await invitations.has_led_to_an_owner(tx):  # one of them, it may be, at this moment
                raise TenantHasOwner
            others = [each for each in asked if each.email != email]
            await self.issuer.make_room(tx, *others, by=by, reason=RevocationReason.ANOTHER_OWNER)
            return (await self.issuer.issue(tx, tenant, email, _ownership(by), by=None)).invitation

    async def named_at_first(self, tx: Transaction, tenant: Tenant, email: Email, *, by: UUID | None) -> None:
        """The same in the transaction that made the tenant known here, unless another has been asked since.

        Not known to be anybody's word, it is that of whoever may run commands.
        """
        if by and not await self._is_operator(tx, by):
            log.warning("first owner named by somebody who operates no more", tenant_id=str(tenant.id))
        elif not await invitations.has_named_an_owner(tx):
            await invitations.lock_addresses(tx, email)
            await self.issuer.issue(tx, tenant, email, _ownership(by), by=None)

    async def _is_operator(self, tx: Transaction, user_id: UUID) -> bool:
        """By all that was heard; and so it stays until the transaction ends."""
        async with tx.acting_in(PLATFORM_TENANT_ID):
            member = await members.hold(tx, user_id)
        return member is None or member.bears_out(LEAST_OPERATOR)


def _ownership(operator: UUID | None) -> Offer:
    return Offer(Role.OWNER, operator=operator)
