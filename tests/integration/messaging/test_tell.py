"""Events are told with the change that they report, or not at all."""

from datetime import UTC, datetime

import asyncpg
import pytest

from shared.actor import acting_for
from shared.database import Database, Transaction
from shared.ids import new_id
from shared.messaging.outbox import tell
from shared.messaging.relay import Relay
from shared.trace import continue_trace
from tests.support.notebook.facts import TENANT, Recorder, fact, happen

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)


async def told(database: Database) -> Recorder:
    """All that waits."""
    recorder = Recorder()
    await Relay(database, recorder).drain()
    return recorder


async def test_what_is_committed_is_told_with_its_address(teller: Database) -> None:
    trace, subject = continue_trace(None), new_id()
    async with teller.transaction(TENANT) as tx:
        await tell(tx, fact("yes", subject), clock=lambda: NOON)
    [envelope] = (await told(teller)).seen
    assert (envelope.type, envelope.source) == ("auth.user.email_verified.v1", "notebook")
    assert (envelope.tenant_id, envelope.subject, envelope.time) == (TENANT, subject, NOON)
    assert envelope.data == {"user_id": str(subject), "email": "yes"}
    assert envelope.traceparent == trace


async def test_what_is_told_says_who_is_behind_it(teller: Database) -> None:
    for actor in ("user:ann", None):
        with acting_for(actor):
            async with teller.transaction(TENANT) as tx:
                await tell(tx, fact("done"))
    assert [envelope.actor for envelope in (await told(teller)).seen] == ["user:ann", None]


async def test_what_is_rolled_back_never_happened(teller: Database) -> None:
    async def fail() -> None:
        async with teller.transaction(TENANT) as tx:
            await tell(tx, fact("no"))
            await tx.execute("SELECT 1 / 0")

    with pytest.raises(asyncpg.DivisionByZeroError):
        await fail()
    assert (await told(teller)).seen == []


async def test_events_of_one_transaction_keep_their_order(teller: Database) -> None:
    await happen(teller, *range(20))
    recorder = await told(teller)
    assert recorder.texts == [str(n) for n in range(20)]
    sequences = [envelope.sequence for envelope in recorder.seen]
    assert sequences == sorted(set(sequences))


async def test_outside_a_tenant_nothing_is_told(teller: Database) -> None:
    async def tell_across() -> None:
        async with teller.background() as across:
            await tell(across, fact("no"))

    with pytest.raises(ValueError, match="transaction of a tenant"):
        await tell_across()


async def test_nothing_is_told_in_the_name_of_another_tenant(teller: Database) -> None:
    async def forge() -> None:
        async with teller.transaction(TENANT) as tx:
            await tell(Transaction(tx._lent, "notebook", new_id()), fact("forged"))

    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        await forge()


async def test_who_tells_can_neither_read_nor_change_what_was_told(teller: Database) -> None:
    await happen(teller, "said")
    for statement in ("SELECT FROM outbox", "UPDATE outbox SET data = '{}'", "DELETE FROM outbox"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
            async with teller.transaction(TENANT) as tx:
                await tx.execute(statement)
    assert (await told(teller)).texts == ["said"]
