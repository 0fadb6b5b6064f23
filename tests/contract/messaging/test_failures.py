"""What becomes of events that cannot take effect, and of those behind and beside them."""

import asyncio
import dataclasses
from uuid import UUID

from shared.clock import utc_now
from shared.contracts.tenancy import TenantStatus
from shared.contracts.tenants import TenantSuspended
from shared.database import Database, Transaction
from shared.errors import Conflict, Unavailable
from shared.ids import new_id
from shared.messaging.consumer import Consumer, on
from shared.messaging.envelope import Envelope
from shared.messaging.relay import Relay
from tests.support.carriers import PATIENCE, Carrier
from tests.support.notebook.ears import Ear, a_letter, a_moody_notebook, a_notebook
from tests.support.notebook.facts import happen, noted, notes
from tests.support.waiting import until

OTHER = new_id()


async def test_what_fails_for_a_moment_comes_again_before_anything_later_of_its_subject(carrier: Carrier) -> None:
    ear = Ear(failures={"a": [RuntimeError("not yet"), Unavailable(), RuntimeError("not yet")]})
    async with carrier.carrying(ear) as transport:
        await transport.publish([a_letter("a"), a_letter("b"), a_letter("c")])
        await until(lambda: len(ear.heard) == 3)
    assert ear.texts == ["a", "b", "c"]
    assert ear.parked == []


async def test_others_go_on_meanwhile(carrier: Carrier, hearer: Database) -> None:
    """A failing event holds up its own subject, and nobody else."""
    others_came = asyncio.Event()

    async def mood(text: str) -> None:
        if text == "stuck" and not others_came.is_set():
            raise Unavailable

    letters = [a_letter("stuck"), a_letter("behind"), a_letter("other", OTHER), a_letter("other too", OTHER)]
    async with carrier.carrying(a_moody_notebook(hearer, mood)) as transport:
        publishing = asyncio.ensure_future(transport.publish(letters))
        await noted(hearer, ["other", "other too"])
        others_came.set()
        await noted(hearer, ["other", "other too", "stuck", "behind"])
        await publishing


async def test_an_outage_is_waited_out_and_never_parked(carrier: Carrier) -> None:
    ear = Ear(failures={"a": [Unavailable()] * (PATIENCE.attempts * 3)})
    async with carrier.carrying(ear) as transport:
        await transport.publish([a_letter("a"), a_letter("b")])
        await until(lambda: ear.texts == ["a", "b"])
    assert ear.parked == []


async def test_what_can_never_work_is_parked_at_once_with_the_reason_and_the_rest_flows(
    carrier: Carrier, teller: Database, hearer: Database
) -> None:
    tries = 0

    async def mood(text: str) -> None:
        nonlocal tries
        if text == "bad":
            tries += 1
            raise Conflict("We do not say that.")

    consumer = a_moody_notebook(hearer, mood)
    await happen(teller, "a", "bad", "c")
    async with carrier.carrying(consumer) as transport:
        await Relay(teller, transport).drain()
        await noted(hearer, ["a", "c"])
        assert await carrier.dead_letters(consumer) == [("bad", "Conflict: We do not say that.")]
    assert tries <= 2  # with the others, and by itself


async def test_what_fails_for_no_known_reason_is_parked_after_some_attempts(
    carrier: Carrier, teller: Database, hearer: Database
) -> None:
    tries = 0

    async def mood(text: str) -> None:
        nonlocal tries
        if text == "bad":
            tries += 1
            raise ZeroDivisionError("by zero")

    consumer = a_moody_notebook(hearer, mood)
    await happen(teller, "bad", "behind")
    await happen(teller, "beside", subject=OTHER)
    async with carrier.carrying(consumer) as transport:
        await Relay(teller, transport).drain()
        await noted(hearer, ["beside", "behind"])
        assert await carrier.dead_letters(consumer) == [("bad", "ZeroDivisionError: by zero")]
    assert PATIENCE.attempts <= tries <= PATIENCE.attempts + 1


async def test_an_event_of_another_shape_is_parked_and_its_content_is_in_no_reason(
    carrier: Carrier, hearer: Database
) -> None:
    consumer = a_notebook(hearer)
    strange = dataclasses.replace(a_letter("a"), data={"user_id": "canary", "email": "a"})
    async with carrier.carrying(consumer) as transport:
        await transport.publish([strange, a_letter("b")])
        await noted(hearer, ["b"])
        [(text, reason)] = await carrier.dead_letters(consumer)
    assert text == "a"
    assert reason.startswith("ValidationError: user_id")
    assert "canary" not in reason


async def test_an_event_that_speaks_of_another_tenant_than_its_envelope_is_parked(
    carrier: Carrier, hearer: Database
) -> None:
    mine, theirs = new_id(), new_id()
    consumer = Consumer("notebook", hearer, (on(TenantSuspended, note_name),))
    async with carrier.carrying(consumer) as transport:
        await transport.publish(
            [a_suspension("forged", mine, told_in=theirs), a_suspension("true", mine, told_in=mine)]
        )
        await noted(hearer, ["true"], mine)
        [(name, reason)] = await carrier.dead_letters(consumer)
    assert name == "forged"
    assert "another tenant" in reason
    assert await notes(hearer, theirs) == []


async def test_listeners_do_not_wait_for_each_other(carrier: Carrier, teller: Database) -> None:
    stuck, well = Ear("stuck", failures={"a": [Unavailable()] * 1000}), Ear("well")
    await happen(teller, "a", "b", "c")
    async with carrier.carrying(stuck, well) as transport:
        relaying = asyncio.ensure_future(Relay(teller, transport).drain())
        await until(lambda: well.texts == ["a", "b", "c"])
        assert stuck.heard == []
        stuck.failures.clear()
        await until(lambda: stuck.texts == ["a", "b", "c"])
        await relaying


async def note_name(tx: Transaction, event: TenantSuspended, envelope: Envelope) -> None:
    """The effect: the tenant's name in the notebook of the tenant that the event is about."""
    await tx.execute("INSERT INTO notes (tenant_id, text) VALUES ($1, $2)", envelope.tenant_id, event.name)


def a_suspension(name: str, tenant_id: UUID, *, told_in: UUID) -> Envelope:
    event = TenantSuspended(tenant_id=tenant_id, name=name, slug="s", status=TenantStatus.SUSPENDED)
    data = event.model_dump(mode="json")
    return Envelope(new_id(), "tenants", event.type, event.subject, utc_now(), told_in, 1, data)
