"""What tenants listens to: everything, for the audit trail."""

from services.tenants.use_cases.record_events import record_events
from shared.contracts.subscriptions import SUBSCRIPTIONS
from shared.database import Database
from shared.messaging.consumer import Consumer, on_many


def listener(name: str, database: Database) -> Consumer:
    """The service's ears."""
    wanted = sorted(SUBSCRIPTIONS[name], key=lambda event: event.type)
    return Consumer(name, database, tuple(on_many(event, record_events) for event in wanted))
