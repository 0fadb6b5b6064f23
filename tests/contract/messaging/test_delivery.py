"""What every transport promises: each event takes effect at each listener, once, in the order of its subject."""

import asyncio
import random

from shared.clock import utc_now
from shared.contracts.auth import UserEmailVerified
from shared.database import Database, Transaction
from shared.ids import new_id
from shared.messaging.consumer import Consumer, on
from shared.messaging.envelope import Envelope
from shared.messaging.outbox import tell
from shared.messaging.relay import Relay
from shared.trace import continue_trace, current_trace
from tests.support.carriers import Carrier
from tests.support.databases import DatabaseUrls
from tests.support.notebook.ears import Ear, a_letter, a_notebook
from tests.support.notebook.facts import TENANT, fact, happen, noted, notes, tell_again
from tests.support.waiting import until


async def test_a_change_here_is_an_effect_there(carrier: Carrier, teller: Database, hearer: Database) -> None:
    other = new_id()
    await happen(teller, "a", "b")
    await happen(teller, "theirs", tenant_id=other)
    async with carrier.carrying(a_notebook(hearer)) as transport:
        assert await Relay(teller, transport).drain() == 3
        await noted(hearer, ["a", "b"])
        await noted(hearer, ["theirs"], other)


async def test_an_event_arrives_as_it_was_told(carrier: Carrier) -> None:
    subject, tenant, trace = new_id(), new_id(), continue_trace(None)
    data = fact("ünïcödé \u2028 'quoted\"", subject).model_dump(mode="json")
    letter = Envelope(new_id(), "auth", UserEmailVerified.type, subject, utc_now(), tenant, 2**53, data, trace)
    ear = Ear()
    async with carrier.carrying(ear) as transport:
        await transport.publish([letter])
        await until(lambda: bool(ear.heard))
    assert ear.heard == [letter]


async def test_a_listener_gets_what_it_wants_and_nothing_else(carrier: Carrier) -> None:
    everything, nothing = Ear("everything"), Ear("nothing", frozenset({"auth.user.registered.v1"}))
    async with carrier.carrying(everything, nothing) as transport:
        await transport.publish([a_letter("a"), a_letter("b")])
        await until(lambda: everything.texts == ["a", "b"])
    assert nothing.heard == []


async def test_events_of_many_subjects_and_tenants_keep_the_order_of_each(carrier: Carrier, teller: Database) -> None:
    subjects, tenants = [new_id() for _ in range(7)], [new_id() for _ in range(3)]
    dice = random.Random(7)  # noqa: S311 - the same story each time
    for n in range(200):
        await happen(teller, n, subject=dice.choice(subjects), tenant_id=dice.choice(tenants))
    ear = Ear()
    async with carrier.carrying(ear) as transport:
        await Relay(teller, transport).drain()
        await until(lambda: len(ear.heard) == 200)
    for subject in subjects:
        theirs = [envelope.sequence for envelope in ear.heard if envelope.subject == subject]
        assert theirs == sorted(theirs)


async def test_what_is_told_twice_takes_effect_once(
    carrier: Carrier, teller: Database, teller_urls: DatabaseUrls, hearer: Database
) -> None:
    """As a replay does, or a relay that died before it could mark."""
    texts = [str(n) for n in range(150)]
    await happen(teller, *texts)
    async with carrier.carrying(a_notebook(hearer)) as transport:
        for _ in range(3):
            await Relay(teller, transport).drain()
            await tell_again(teller_urls)
        await happen(teller, "last")
        await Relay(teller, transport).drain()
        await noted(hearer, [*texts, "last"])


async def test_what_comes_twice_in_one_go_takes_effect_once(carrier: Carrier, hearer: Database) -> None:
    letters = [a_letter("a"), a_letter("b")]
    async with carrier.carrying(a_notebook(hearer)) as transport:
        await transport.publish([*letters, *letters, a_letter("c")])
        await noted(hearer, ["a", "b", "c"])


async def test_many_replicas_of_a_listener_are_one(carrier: Carrier, teller: Database, hearer: Database) -> None:
    texts = [str(n) for n in range(120)]
    await happen(teller, *texts)
    async with carrier.carrying(a_notebook(hearer)), carrier.carrying(a_notebook(hearer)) as transport:
        await Relay(teller, transport).drain()
        await noted(hearer, texts)
        await asyncio.sleep(0.05)
    assert await notes(hearer) == texts


async def test_the_trace_goes_with_the_event(carrier: Carrier, teller: Database, hearer: Database) -> None:
    seen: list[str | None] = []

    async def see(tx: Transaction, event: UserEmailVerified, envelope: Envelope) -> None:
        seen.append(current_trace())

    trace = continue_trace(None)
    async with teller.transaction(TENANT) as tx:
        await tell(tx, fact("traced"))
    async with carrier.carrying(Consumer("notebook", hearer, (on(UserEmailVerified, see),))) as transport:
        await Relay(teller, transport).drain()
        await until(lambda: bool(seen))
    assert seen[0]
    assert seen[0].split("-")[1] == trace.split("-")[1]
    assert seen[0] != trace
