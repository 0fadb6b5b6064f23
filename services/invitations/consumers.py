"""What this service does about the events of others."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.invitations.domain.tenancy import Member, Tenant
from services.invitations.use_cases import UseCases
from shared.contracts.auth import (
    MembershipChange,
    MembershipCreated,
    MembershipRemoved,
    MembershipRenamed,
    MembershipRoleChanged,
    MembershipSuspended,
)
from shared.contracts.email import Email
from shared.contracts.tenancy import MembershipStatus
from shared.contracts.tenants import TenantCreated, TenantEvent, TenantResumed, TenantSuspended, TenantUpdated
from shared.database import Database, Transaction
from shared.messaging.consumer import Consumer, Letter, on, on_many
from shared.messaging.envelope import Envelope


def listener(name: str, database: Database, use_cases: UseCases) -> Consumer:
    """The service's ears."""
    effects = _Effects(use_cases)
    return Consumer(
        name,
        database,
        (
            on_many(MembershipCreated, effects.memberships_created),
            on(MembershipRenamed, effects.membership_renamed),
            on(MembershipRoleChanged, effects.membership_changed),
            on(MembershipSuspended, effects.membership_changed),
            on(MembershipRemoved, effects.membership_removed),
            on(TenantCreated, effects.tenant_created),
            on(TenantSuspended, effects.tenant_changed),
            on(TenantResumed, effects.tenant_changed),
            on(TenantUpdated, effects.tenant_changed),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Effects:
    use_cases: UseCases

    async def memberships_created(self, tx: Transaction, letters: Sequence[Letter[MembershipCreated]]) -> None:
        record = self.use_cases.record_membership
        await record(tx, *((_member(letter.event), letter.envelope.sequence) for letter in letters))
        for letter in letters:
            if letter.event.invitation_id:
                with letter.at_hand():
                    await record.accept(tx, letter.event.invitation_id, by=letter.event.user_id)

    async def membership_renamed(self, tx: Transaction, event: MembershipRenamed, envelope: Envelope) -> None:
        await self.use_cases.record_membership(tx, (_member(event), envelope.sequence))

    async def membership_removed(self, tx: Transaction, event: MembershipRemoved, envelope: Envelope) -> None:
        await self.use_cases.record_departure(tx, event.user_id, Email(event.email), sequence=envelope.sequence)
        await self.membership_changed(tx, event, envelope)

    async def membership_changed(self, tx: Transaction, event: MembershipChange, _: Envelope) -> None:
        stays = event.status is MembershipStatus.ACTIVE and not isinstance(event, MembershipRemoved)
        role = event.role if stays else None
        await self.use_cases.drop_offers(tx, event.user_id, role, by=event.changed_by or event.user_id)

    async def tenant_created(self, tx: Transaction, event: TenantCreated, envelope: Envelope) -> None:
        owner = Email(event.owner_email) if event.owner_email else None
        await self.use_cases.record_tenant(tx, _tenant(event), sequence=envelope.sequence, owner=owner)

    async def tenant_changed(self, tx: Transaction, event: TenantEvent, envelope: Envelope) -> None:
        await self.use_cases.record_tenant(
            tx, _tenant(event), sequence=envelope.sequence, with_settings=event.tells_settings
        )


def _member(event: MembershipCreated | MembershipRenamed) -> Member:
    return Member(event.user_id, Email(event.email), event.name)


def _tenant(event: TenantEvent) -> Tenant:
    return Tenant(event.tenant_id, event.name, event.status, event.settings)
