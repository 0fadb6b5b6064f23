"""A service of the fault tests' own: it writes down each effect, and nothing keeps it from writing one down twice."""

from pathlib import Path

from shared.contracts.auth import MembershipCreated, UserEmailVerified
from shared.contracts.events import Event
from shared.contracts.subscriptions import SUBSCRIPTIONS
from shared.database import Transaction
from shared.database.migrate import Schema
from shared.messaging.consumer import on
from shared.messaging.envelope import Envelope
from shared.messaging.rabbitmq import Topology

NAME = "ledger"
SCHEMA = Schema(NAME, Path(__file__).parent, landmark="effects")
EVENTS: frozenset[type[Event]] = frozenset({UserEmailVerified, MembershipCreated})
TOPOLOGY = Topology.of({**SUBSCRIPTIONS, NAME: EVENTS})
"""With a queue that only these tests know."""

_WRITE = "INSERT INTO effects (event_id, subject, sequence) VALUES ($1, $2, $3)"


async def write_down(tx: Transaction, _: object, envelope: Envelope) -> None:
    """The effect. The tenant is what the database takes the transaction to be in, not what the envelope says."""
    await tx.execute(_WRITE, envelope.id, envelope.subject, envelope.sequence)


HANDLERS = tuple(on(event, write_down) for event in sorted(EVENTS, key=lambda event: event.type))
