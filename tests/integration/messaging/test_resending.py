"""Published events can be sent again, as far back as consumers remember, and nothing happens twice."""

from datetime import timedelta

from shared.clock import utc_now
from shared.contracts.auth import UserEmailVerified
from shared.database import Database
from shared.messaging.in_process import InProcessTransport
from shared.messaging.relay import Relay
from shared.messaging.resending import Resending, Selection
from tests.support.notebook.ears import a_notebook
from tests.support.notebook.facts import Recorder, happen, notes

MEMORY = timedelta(days=30)
LONG_AGO = utc_now() - timedelta(days=1)


def everything() -> Selection:
    return Selection(LONG_AGO, utc_now() + timedelta(seconds=1))


async def test_all_goes_out_again_in_its_order_and_takes_effect_once(teller: Database, hearer: Database) -> None:
    relay = Relay(teller, InProcessTransport((a_notebook(hearer),)))
    texts = [str(number) for number in range(1100)]  # more than go in one transaction
    await happen(teller, *texts)
    await relay.drain()
    assert await Resending(teller, MEMORY)(everything()) == len(texts)

    recorder = Recorder()
    await Relay(teller, recorder).drain()
    assert recorder.texts == texts

    assert await Resending(teller, MEMORY)(everything()) == len(texts)
    assert await relay.drain() == len(texts)
    assert await notes(hearer) == texts


async def test_only_what_was_published_since_then_goes_out_again(teller: Database) -> None:
    relay = Relay(teller, Recorder())
    await happen(teller, "before")
    await relay.drain()
    since = utc_now()
    await happen(teller, "after")
    await relay.drain()
    assert await Resending(teller, MEMORY)(Selection(since, utc_now() + timedelta(seconds=1))) == 1
    recorder = Recorder()
    await Relay(teller, recorder).drain()
    assert recorder.texts == ["after"]


async def test_what_consumers_may_have_forgotten_stays(teller: Database) -> None:
    """An inbox that has lost the row would let the event happen a second time."""
    await happen(teller, "old")
    await Relay(teller, Recorder()).drain()
    in_a_year = Resending(teller, MEMORY, lambda: utc_now() + timedelta(days=365))
    assert await in_a_year.count(everything()) == {UserEmailVerified.type: (0, 1)}
    assert await in_a_year(everything()) == 0


async def test_types_narrow_it_and_counting_sends_nothing(teller: Database) -> None:
    await happen(teller, "a")
    await Relay(teller, Recorder()).drain()
    resending, selected = Resending(teller, MEMORY), everything()
    assert await resending.count(selected) == {UserEmailVerified.type: (1, 0)}
    others = Selection(selected.since, selected.until, ["auth.session.revoked.v1"])
    assert (await resending.count(others), await resending(others)) == ({}, 0)
    assert await Relay(teller, Recorder()).drain() == 0


async def test_what_waits_to_be_published_is_none_of_it(teller: Database) -> None:
    await happen(teller, "waits")
    assert await Resending(teller, MEMORY)(everything()) == 0
