"""What this service does about the events of others."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.invitations.domain.tenancy import Member, Tenant
from services.invitations.use_cases import UseCases
from shared.contracts.auth import (
    MembershipApproved,
    MembershipChange,
    MembershipCreated,
    MembershipEvent,
    MembershipRemoved,
    MembershipRenamed,
    MembershipResumed,
    MembershipRoleChanged,
    MembershipSuspended,
)
from shared.contracts.caller import person_of
from shared.contracts.email import Email
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
            on(MembershipRenamed, effects.membership_changed),
            on(MembershipRoleChanged, effects.membership_changed),
            on(MembershipApproved, effects.membership_changed),
            on(MembershipSuspended, effects.membership_changed),
            on(MembershipResumed, effects.membership_changed),
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

    async def membership_changed(self, tx: Transaction, event: MembershipChange, envelope: Envelope) -> None:
        await self.use_cases.record_membership(tx, (_member(event), envelope.sequence))
        await self._drop_offers(tx, event)

    async def membership_removed(self, tx: Transaction, event: MembershipRemoved, envelope: Envelope) -> None:
        await self.use_cases.record_departure(tx, event.user_id, Email(event.email), sequence=envelope.sequence)
        await self._drop_offers(tx, event)

    async def _drop_offers(self, tx: Transaction, event: MembershipChange) -> None:
        await self.use_cases.drop_offers(tx, event.user_id, by=event.changed_by or event.user_id)

    async def tenant_created(self, tx: Transaction, event: TenantCreated, envelope: Envelope) -> None:
        tenant = _tenant(event)
        await self.use_cases.record_tenant(tx, tenant, sequence=envelope.sequence)
        if event.owner_email:
            operator = person_of(envelope.actor)
            await self.use_cases.invite_owner.named_at_first(tx, tenant, Email(event.owner_email), by=operator)

    async def tenant_changed(self, tx: Transaction, event: TenantEvent, envelope: Envelope) -> None:
        await self.use_cases.record_tenant(
            tx, _tenant(event), sequence=envelope.sequence, with_settings=event.tells_settings
        )


def _member(event: MembershipEvent) -> Member:
    return Member(event.user_id, Email(event.email), event.name, event.role, event.status)


def _tenant(event: TenantEvent) -> Tenant:
    return Tenant(event.tenant_id, event.name, event.status, event.settings)
