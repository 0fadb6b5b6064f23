"""Ends sessions before their time, and lets every gateway know."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from services.auth.domain.sessions import EndReason, Session, dead_until
from services.auth.repository import sessions
from shared.contracts.auth import SessionRevoked
from shared.database import Transaction
from shared.messaging.outbox import tell


async def end_sessions(tx: Transaction, locked: Iterable[Session], reason: EndReason, at: datetime) -> None:
    """End those of ``locked`` that have not ended yet, whichever tenants of the transaction's person they are in.

    Their refresh tokens die with them. Each end is told once, in the tenant of its session.
    """
    by_tenant: defaultdict[UUID, list[Session]] = defaultdict(list)
    for session in locked:
        if session.revoked_at is None:
            by_tenant[session.tenant_id].append(session.end(reason, at))
    for tenant_id, ended in by_tenant.items():
        async with tx.acting_in(tenant_id):
            await sessions.save_ends(tx, ended)
            await tell(tx, *(_told(session, reason, at) for session in ended), clock=lambda: at)


def _told(session: Session, reason: EndReason, at: datetime) -> SessionRevoked:
    return SessionRevoked(session_id=session.id, user_id=session.user_id, reason=reason, dead_until=dead_until(at))
