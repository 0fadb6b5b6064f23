"""What this service does about the events of others."""

from dataclasses import dataclass

from services.invitations.domain.tenancy import Member, Tenant
from services.invitations.use_cases import UseCases
from shared.contracts.auth import MembershipCreated, MembershipRemoved, MembershipRenamed
from shared.contracts.email import Email
from shared.contracts.tenants import TenantCreated, TenantEvent, TenantResumed, TenantSuspended
from shared.database import Database, Transaction
from shared.messaging.consumer import Consumer, on
from shared.messaging.envelope import Envelope


def listener(name: str, database: Database, use_cases: UseCases) -> Consumer:
    """The service's ears."""
    effects = _Effects(use_cases)
    return Consumer(
        name,
        database,
        (
            on(MembershipCreated, effects.membership_created),
            on(MembershipRenamed, effects.membership_renamed),
            on(MembershipRemoved, effects.membership_removed),
            on(TenantCreated, effects.tenant_created),
            on(TenantSuspended, effects.tenant_changed),
            on(TenantResumed, effects.tenant_changed),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Effects:
    use_cases: UseCases

    async def membership_created(self, tx: Transaction, event: MembershipCreated, envelope: Envelope) -> None:
        member = Member(event.user_id, Email(event.email), event.name)
        await self.use_cases.record_membership(
            tx, member, invitation_id=event.invitation_id, sequence=envelope.sequence
        )

    async def membership_renamed(self, tx: Transaction, event: MembershipRenamed, envelope: Envelope) -> None:
        member = Member(event.user_id, Email(event.email), event.name)
        await self.use_cases.record_membership(tx, member, invitation_id=None, sequence=envelope.sequence)

    async def membership_removed(self, tx: Transaction, event: MembershipRemoved, envelope: Envelope) -> None:
        await self.use_cases.record_departure(tx, event.user_id, Email(event.email), sequence=envelope.sequence)

    async def tenant_created(self, tx: Transaction, event: TenantCreated, envelope: Envelope) -> None:
        owner = Email(event.owner_email) if event.owner_email else None
        await self.use_cases.record_tenant(tx, _tenant(event), sequence=envelope.sequence, owner=owner)

    async def tenant_changed(self, tx: Transaction, event: TenantEvent, envelope: Envelope) -> None:
        await self.use_cases.record_tenant(tx, _tenant(event), sequence=envelope.sequence)


def _tenant(event: TenantEvent) -> Tenant:
    return Tenant(event.tenant_id, event.name, event.status)
