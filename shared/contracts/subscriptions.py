"""Who listens to what. Publishers and listeners make the broker's queues and bindings from this page alike.

So an event that is told before its listener has ever started waits for it.
"""

from collections.abc import Mapping

from shared.contracts.auth import (
    ApiKeyRevoked,
    MembershipApproved,
    MembershipCreated,
    MembershipRemoved,
    MembershipRenamed,
    MembershipResumed,
    MembershipRoleChanged,
    MembershipSuspended,
    SessionRevoked,
)
from shared.contracts.events import Event
from shared.contracts.publishers import PUBLISHERS
from shared.contracts.tenants import (
    DomainLapsed,
    DomainRemoved,
    DomainUpdated,
    DomainVerified,
    TenantCreated,
    TenantResumed,
    TenantSuspended,
    TenantUpdated,
)

SUBSCRIPTIONS: Mapping[str, frozenset[type[Event]]] = {
    "auth": frozenset(
        {
            TenantCreated,
            TenantSuspended,
            TenantResumed,
            TenantUpdated,
            DomainVerified,
            DomainUpdated,
            DomainLapsed,
            DomainRemoved,
        }
    ),
    "invitations": frozenset(
        {
            MembershipCreated,
            MembershipRoleChanged,
            MembershipApproved,
            MembershipRenamed,
            MembershipSuspended,
            MembershipResumed,
            MembershipRemoved,
            TenantCreated,
            TenantSuspended,
            TenantResumed,
            TenantUpdated,
        }
    ),
    # For the audit trail.
    "tenants": frozenset(event for events in PUBLISHERS.values() for event in events),
}
"""The services that must not miss an event, each with the types that it wants."""

GATEWAY_SUBSCRIPTION: frozenset[type[Event]] = frozenset(
    {
        SessionRevoked,
        MembershipRoleChanged,
        MembershipSuspended,
        MembershipResumed,
        MembershipRemoved,
        ApiKeyRevoked,
        TenantSuspended,
        TenantResumed,
    }
)
"""What each gateway wants for as long as it runs. It reloads what it missed, so nothing waits for one."""
