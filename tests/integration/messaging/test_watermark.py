"""What is read after a watermark was taken knows of every event with a smaller sequence."""

import asyncio

from shared.database import Database
from shared.messaging.outbox import tell
from shared.messaging.relay import Relay
from shared.messaging.watermark import watermark
from tests.support.notebook.facts import TENANT, Recorder, fact, happen


async def sequences(database: Database) -> list[int]:
    recorder = Recorder()
    await Relay(database, recorder).drain()
    return [envelope.sequence for envelope in recorder.seen]


async def test_it_lies_between_what_was_told_before_and_what_is_told_after(teller: Database) -> None:
    await happen(teller, "before")
    sequence = await watermark(teller)
    await happen(teller, "after")
    before, after = await sequences(teller)
    assert before < sequence < after


async def test_it_waits_for_who_has_told_something_and_not_committed(teller: Database) -> None:
    async with teller.transaction(TENANT) as tx:
        await tell(tx, fact("slow"))
        waiting = asyncio.ensure_future(watermark(teller))
        await asyncio.wait([waiting], timeout=0.2)
        assert not waiting.done()
    sequence = await waiting
    [slow] = await sequences(teller)
    assert slow < sequence
