"""The dead letters in a database: what an operator sees of them, and how they take effect after all."""

import pytest

from shared.database import Database
from shared.ids import new_id
from shared.messaging.consumer import Consumer
from shared.messaging.dead_letters import DeadLetter, DeadLetterTable, Place, take_in
from shared.messaging.envelope import Envelope
from shared.messaging.metrics import DEAD_LETTER_DEPTH
from shared.messaging.transport import Unacceptable
from shared.messaging.watch import DeadLetterWatch
from tests.support.notebook.ears import a_letter, a_moody_notebook, a_notebook
from tests.support.notebook.facts import notes


@pytest.fixture
def consumer(hearer: Database) -> Consumer:
    return a_notebook(hearer)


async def all_of(consumer: Consumer) -> list[DeadLetter]:
    return [letter async for letter in DeadLetterTable(consumer.database, consumer.name).letters()]


async def test_they_are_told_oldest_first_with_the_event_and_the_reason(consumer: Consumer) -> None:
    sent = [a_letter(text) for text in "abc"]
    for letter in sent:
        await consumer.park(letter, "Conflict: no")
    found = await all_of(consumer)
    assert [letter.id for letter in found] == [str(letter.id) for letter in sent]
    assert [Envelope.from_json(letter.body) for letter in found] == sent
    assert {(letter.reason, letter.type, letter.place) for letter in found} == {
        ("Conflict: no", sent[0].type, Place.DATABASE)
    }


async def test_one_that_can_take_effect_now_does_and_is_gone(consumer: Consumer) -> None:
    letter = a_letter("late")
    await consumer.park(letter, "Conflict: no")
    assert await take_in(consumer.database, consumer, letter.id) is None
    assert await notes(consumer.database) == ["late"]
    assert await all_of(consumer) == []


async def test_one_that_still_cannot_stays_with_the_new_reason(hearer: Database) -> None:
    async def mood(_: str) -> None:
        raise Unacceptable("never")

    consumer, letter = a_moody_notebook(hearer, mood), a_letter("bad")
    await consumer.park(letter, "Conflict: no")
    assert await take_in(hearer, consumer, letter.id) == "Unacceptable: never"
    assert [found.reason for found in await all_of(consumer)] == ["Unacceptable: never"]
    assert await notes(hearer) == []


async def test_dying_before_it_is_removed_lets_it_take_effect_once(consumer: Consumer) -> None:
    letter = a_letter("once")
    await consumer.park(letter, "Conflict: no")
    await consumer.handle(letter)  # and then the process died
    assert await take_in(consumer.database, consumer, letter.id) is None
    assert await notes(consumer.database) == ["once"]
    assert await all_of(consumer) == []


async def test_one_that_is_gone_is_told(consumer: Consumer) -> None:
    assert "not there" in str(await take_in(consumer.database, consumer, new_id()))


async def test_what_is_discarded_takes_no_effect(consumer: Consumer) -> None:
    letters = [a_letter(text) for text in "ab"]
    for letter in letters:
        await consumer.park(letter, "Conflict: no")
    await DeadLetterTable(consumer.database, consumer.name).discard(letters[0].id)
    assert [letter.id for letter in await all_of(consumer)] == [str(letters[1].id)]


async def test_prometheus_is_told_how_many_there_are(consumer: Consumer) -> None:
    async def at_the_broker() -> int:
        return 2

    await consumer.park(a_letter("a"), "Conflict: no")
    table = DeadLetterTable(consumer.database, consumer.name)
    await DeadLetterWatch("counted", (table.count, at_the_broker)).look()
    assert DEAD_LETTER_DEPTH.labels("counted")._value.get() == 3
