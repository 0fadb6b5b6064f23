"""That `make chaos` would notice: each thing that must not happen is made to happen in the databases, and found."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.auth import UserEmailVerified
from shared.ids import new_id
from tests.chaos import ledger
from tests.chaos.invariants import Findings, examine
from tests.support.connections import change
from tests.support.notebook import NOTEBOOK
from tests.support.notebook.fixtures import Fresh

_TELL = """
    INSERT INTO outbox (id, tenant_id, type, subject, occurred_at, data, published_at)
    VALUES ($1, $2, $3, $4, now(), jsonb_build_object('email', $5::text), CASE WHEN $6 THEN now() END)
"""
_RECEIVE = "INSERT INTO inbox (event_id, tenant_id) VALUES ($1, $2)"
_TAKE_EFFECT = "INSERT INTO effects (event_id, tenant_id, subject, sequence) VALUES ($1, $2, $3, $4)"
TENANT, SUBJECT = new_id(), new_id()


@dataclass(slots=True)
class World:
    """A service that has told events, and a ledger that heard of them, both as somebody left them."""

    databases: dict[str, str]

    async def tell(self, *, email: str = "", is_published: bool = True) -> UUID:
        event_id, kind = new_id(), UserEmailVerified.type
        await change(self.databases["notebook"], _TELL, event_id, TENANT, kind, SUBJECT, email, is_published)
        return event_id

    async def receive(self, event_id: UUID, tenant_id: UUID = TENANT) -> None:
        await change(self.databases["ledger"], _RECEIVE, event_id, tenant_id)

    async def take_effect(self, event_id: UUID, sequence: int = 1, tenant_id: UUID = TENANT) -> None:
        await change(self.databases["ledger"], _TAKE_EFFECT, event_id, tenant_id, SUBJECT, sequence)

    async def happen(self, sequence: int) -> None:
        """As it should be."""
        event_id = await self.tell()
        await self.receive(event_id)
        await self.take_effect(event_id, sequence)

    async def found(self, *acknowledged: str) -> dict[str, Any]:
        findings = await examine(self.databases, acknowledged, ())
        return {name: getattr(findings, name) for name in COUNTED if getattr(findings, name)}


COUNTED = ("lost", "doubled", "order_violations", "tenant_mismatches", "unfounded", "waiting")


@pytest.fixture
async def world(fresh_database: Fresh) -> World:
    notes, books = await fresh_database(NOTEBOOK), await fresh_database(ledger.SCHEMA)
    return World({"notebook": notes.owner, "ledger": books.owner})


async def test_what_is_as_it_should_be_is_clean(world: World) -> None:
    for sequence in (1, 2, 5):
        await world.happen(sequence)
    assert await examine(world.databases, (), ()) == Findings(events=3)


async def test_an_event_that_nobody_heard_of_is_lost(world: World) -> None:
    await world.tell()
    assert await world.found() == {"lost": 2}  # to the inbox, and to the effects


async def test_an_event_without_its_effect_is_lost(world: World) -> None:
    await world.receive(await world.tell())
    assert await world.found() == {"lost": 1}


async def test_a_saved_fact_that_is_in_no_outbox_is_lost(world: World) -> None:
    await world.happen(1)
    assert await world.found("somebody@example.com") == {"lost": 1}


async def test_a_second_effect_is_doubled(world: World) -> None:
    event_id = await world.tell()
    await world.receive(event_id)
    await world.take_effect(event_id)
    await world.take_effect(event_id)
    assert await world.found() == {"doubled": 1}


async def test_an_effect_after_that_of_a_later_event_is_out_of_order(world: World) -> None:
    for sequence in (1, 3, 2):
        await world.happen(sequence)
    assert await world.found() == {"order_violations": 1}


async def test_an_effect_in_another_tenant_is_found(world: World) -> None:
    event_id = await world.tell()
    await world.receive(event_id)
    await world.take_effect(event_id, tenant_id=new_id())
    assert await world.found() == {"tenant_mismatches": 1}


async def test_an_event_that_was_never_told_is_unfounded(world: World) -> None:
    await world.receive(new_id())
    assert await world.found() == {"unfounded": 1}


async def test_an_event_that_is_not_published_still_waits(world: World) -> None:
    event_id = await world.tell(is_published=False)
    await world.receive(event_id)
    await world.take_effect(event_id)
    assert await world.found() == {"waiting": 1}
