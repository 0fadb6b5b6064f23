"""A consumer lets each event take effect once, in its tenant, or puts it aside for an operator."""

import asyncio
import dataclasses
import json
from collections.abc import Sequence

import asyncpg
import pytest
from pydantic import ValidationError

from shared.clock import utc_now
from shared.contracts.auth import UserEmailVerified
from shared.contracts.tenancy import TenantStatus
from shared.contracts.tenants import TenantSuspended
from shared.database import Database, DatabaseUnavailable, Transaction
from shared.ids import new_id
from shared.messaging.consumer import Consumer, Letter, on, on_many
from shared.messaging.envelope import Envelope
from shared.messaging.outbox import tell
from shared.messaging.relay import Relay
from shared.messaging.transport import Unacceptable
from shared.trace import continue_trace
from tests.support.databases import DatabaseUrls
from tests.support.notebook.facts import TENANT, Recorder, fact, note, notes
from tests.support.notebook.fixtures import Open, to_read


def a_letter(text: str = "heard", **changes: object) -> Envelope:
    data = fact(text).model_dump(mode="json")
    letter = Envelope(new_id(), "auth", UserEmailVerified.type, TENANT, utc_now(), TENANT, 1, data)
    return dataclasses.replace(letter, **changes)  # type: ignore[arg-type]


def a_consumer(database: Database) -> Consumer:
    return Consumer("notebook", database, (on(UserEmailVerified, note),))


async def test_it_says_what_it_wants(hearer: Database) -> None:
    assert a_consumer(hearer).types == {UserEmailVerified.type}


async def test_an_event_that_speaks_of_another_tenant_than_its_envelope_does_nothing(hearer: Database) -> None:
    async def never(_: Transaction, __: TenantSuspended, ___: Envelope) -> None:
        raise AssertionError("It took effect.")

    theirs = TenantSuspended(tenant_id=new_id(), name="Other", slug="other", status=TenantStatus.SUSPENDED)
    letter = a_letter(type=TenantSuspended.type, data=theirs.model_dump(mode="json"))
    with pytest.raises(Unacceptable):
        await Consumer("notebook", hearer, (on(TenantSuspended, never),)).handle(letter)


async def test_what_is_told_of_one_subject_in_several_tenants_keeps_its_order(hearer: Database) -> None:
    heard: list[str] = []

    async def hear(_: Transaction, letters: Sequence[Letter[UserEmailVerified]]) -> None:
        heard.extend(letter.event.email for letter in letters)

    elsewhere = new_id()
    letters = [a_letter("one"), a_letter("two", tenant_id=elsewhere), a_letter("three")]
    await Consumer("notebook", hearer, (on_many(UserEmailVerified, hear),)).handle_all(letters)
    assert heard == ["one", "two", "three"]


async def test_it_is_not_ready_while_its_database_only_reads(open_notebook: Open, teller_urls: DatabaseUrls) -> None:
    """Events would come, and go back, until the broker takes them for poison."""
    await a_consumer(await open_notebook(teller_urls)).ready()
    only_reading = await open_notebook(dataclasses.replace(teller_urls, connect=to_read))
    with pytest.raises(DatabaseUnavailable):
        await a_consumer(only_reading).ready()


async def test_an_event_takes_effect_once_however_often_it_comes(hearer: Database) -> None:
    consumer, letter = a_consumer(hearer), a_letter()
    await consumer.handle(letter)
    await asyncio.gather(*(consumer.handle(letter) for _ in range(10)))
    assert await notes(hearer) == ["heard"]


async def test_at_the_same_time_it_takes_effect_once_too(hearer: Database) -> None:
    consumer, letter = a_consumer(hearer), a_letter()
    await asyncio.gather(*(consumer.handle(letter) for _ in range(10)))
    assert await notes(hearer) == ["heard"]


async def test_the_same_words_are_another_event(hearer: Database) -> None:
    consumer = a_consumer(hearer)
    await consumer.handle(a_letter())
    await consumer.handle(a_letter())
    assert await notes(hearer) == ["heard", "heard"]


async def test_what_failed_leaves_nothing_and_may_come_again(hearer: Database) -> None:
    failing = True

    async def note_and_fail(tx: Transaction, event: UserEmailVerified, envelope: Envelope) -> None:
        await note(tx, event, envelope)
        if failing:
            raise ZeroDivisionError

    consumer, letter = Consumer("notebook", hearer, (on(UserEmailVerified, note_and_fail),)), a_letter()
    with pytest.raises(ZeroDivisionError):
        await consumer.handle(letter)
    assert await notes(hearer) == []
    failing = False
    await consumer.handle(letter)
    assert await notes(hearer) == ["heard"]


async def test_it_acts_in_the_tenant_of_the_event_and_in_no_other(hearer: Database) -> None:
    other = new_id()

    async def write_elsewhere(tx: Transaction, event: UserEmailVerified, envelope: Envelope) -> None:
        await tx.execute("INSERT INTO notes (tenant_id, text) VALUES ($1, 'forged')", other)

    await a_consumer(hearer).handle(a_letter(tenant_id=other))
    assert (await notes(hearer), await notes(hearer, other)) == ([], ["heard"])
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        await Consumer("notebook", hearer, (on(UserEmailVerified, write_elsewhere),)).handle(a_letter())


async def test_members_that_it_does_not_know_are_no_trouble(hearer: Database) -> None:
    letter = a_letter()
    await a_consumer(hearer).handle(dataclasses.replace(letter, data=letter.data | {"new_in": "v1.1"}))
    assert await notes(hearer) == ["heard"]


async def test_members_that_are_missing_are(hearer: Database) -> None:
    with pytest.raises(ValidationError):
        await a_consumer(hearer).handle(a_letter(data={}))


async def test_what_is_parked_can_be_read_and_replayed(hearer: Database) -> None:
    consumer, letter = a_consumer(hearer), a_letter()
    await consumer.park(letter, "ZeroDivisionError: by zero")
    await consumer.park(letter, "ZeroDivisionError: again")
    async with hearer.look_up() as across:
        [parked] = await across.fetch("SELECT event_id, tenant_id, envelope, reason FROM dead_letters")
    assert (parked["event_id"], parked["tenant_id"]) == (letter.id, TENANT)
    assert parked["reason"] == "ZeroDivisionError: again"
    assert Envelope.from_json(json.dumps(parked["envelope"]).encode()) == letter


async def test_the_trace_goes_on_into_what_is_told_because_of_it(hearer: Database) -> None:
    async def tell_on(tx: Transaction, event: UserEmailVerified, envelope: Envelope) -> None:
        await tell(tx, fact("told on"))

    trace, recorder = continue_trace(None), Recorder()
    consumer = Consumer("notebook", hearer, (on(UserEmailVerified, tell_on),))
    await asyncio.create_task(consumer.handle(a_letter(traceparent=trace)))
    await Relay(hearer, recorder).drain()
    [told_on] = recorder.seen
    assert told_on.traceparent
    _, trace_id, span_id, _ = told_on.traceparent.split("-")
    assert trace_id == trace.split("-")[1]
    assert span_id != trace.split("-")[2]


async def test_what_an_event_brings_about_is_its_actors_doing(hearer: Database) -> None:
    async def tell_on(tx: Transaction, event: UserEmailVerified, envelope: Envelope) -> None:
        await tell(tx, fact("told on"))

    recorder = Recorder()
    consumer = Consumer("notebook", hearer, (on(UserEmailVerified, tell_on),))
    await consumer.handle_all([a_letter(actor="user:ann"), a_letter()])
    await Relay(hearer, recorder).drain()
    assert [told_on.actor for told_on in recorder.seen] == ["user:ann", None]


async def test_events_in_a_row_may_take_effect_in_one_go(hearer: Database) -> None:
    """Those of one tenant and type; each once, in their order."""
    goes: list[list[str]] = []

    async def note_all(tx: Transaction, letters: Sequence[Letter[UserEmailVerified]]) -> None:
        goes.append([letter.event.email for letter in letters])
        for letter in letters:
            await note(tx, letter.event, letter.envelope)

    consumer, other = Consumer("notebook", hearer, (on_many(UserEmailVerified, note_all),)), new_id()
    [a, b, c], theirs = [a_letter(text) for text in "abc"], a_letter("theirs", tenant_id=other, subject=other)
    await consumer.handle(b)
    await consumer.handle_all([a, b, theirs, c, a])
    assert goes == [["b"], ["a", "c"], ["theirs"]]
    assert await notes(hearer) == ["b", "a", "c"]


async def test_what_is_told_because_of_one_of_many_goes_on_with_its_trace(hearer: Database) -> None:
    async def tell_on(tx: Transaction, letters: Sequence[Letter[UserEmailVerified]]) -> None:
        for letter in letters:
            with letter.at_hand():
                await tell(tx, fact("told on"))

    traces, recorder = [f"00-{digit * 32}-{digit * 16}-01" for digit in "12"], Recorder()
    consumer = Consumer("notebook", hearer, (on_many(UserEmailVerified, tell_on),))
    await asyncio.create_task(consumer.handle_all([a_letter(traceparent=trace) for trace in traces]))
    await Relay(hearer, recorder).drain()
    assert [(told_on.traceparent or "").split("-")[1] for told_on in recorder.seen] == ["1" * 32, "2" * 32]
