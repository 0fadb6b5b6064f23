"""Compares a replica with what its owner says, and repairs it where they differ.

Both are read page by page in the order of their keys, so that memory holds a page of each, whatever their sizes. What
events tell meanwhile is safe: a repair carries the owner's watermark, never takes the place of anything newer, and
gives way to whatever comes later.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

PAGE = 500

Key = tuple[UUID, ...]
State = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One thing as its owner, or the replica, has it; ``sequence`` is the replica's. ``beside`` is what a repair needs
    to know of the owner's, and the replica does not keep."""

    key: Key
    state: State
    sequence: int = 0
    beside: State = field(default_factory=dict)


class Drift(StrEnum):
    """In which way a replica is wrong."""

    MISSING = "missing"
    DIFFERS = "differs"
    LEFT_OVER = "left over"


@dataclass(frozen=True, slots=True)
class Difference:
    """What the owner has, and what the replica has instead."""

    drift: Drift
    key: Key
    owner: State | None
    here: State | None
    beside: State = field(default_factory=dict)

    def told(self, replica: str, *, repaired: bool) -> dict[str, Any]:
        """For JSON: the members that differ alone."""
        names = {*(self.owner or {}), *(self.here or {})}
        owner, here = self.owner or {}, self.here or {}
        differing = sorted(name for name in names if owner.get(name) != here.get(name))
        return {
            "replica": replica,
            "key": "/".join(map(str, self.key)),
            "drift": self.drift.value,
            "owner": {name: owner.get(name) for name in differing} if self.owner else None,
            "here": {name: here.get(name) for name in differing} if self.here else None,
            "repaired": repaired,
        }


class Replica(Protocol):
    """What a service keeps of another one's state."""

    @property
    def name(self) -> str:
        """As operators read it: ``auth.tenants``."""

    async def begin(self) -> int:
        """The owner's watermark: what is read from it afterwards knows of all before that."""

    async def theirs(self, after: Key | None) -> Sequence[Row]:
        """The owner's next ``PAGE`` rows by key, fewer only at the end."""

    async def ours(self, after: Key | None) -> Sequence[Row]:
        """The replica's, likewise."""

    async def repair(self, difference: Difference, sequence: int) -> bool:
        """Do away with a difference, unless something newer has come; whether that is for this replica to do."""


async def differences(replica: Replica, sequence: int) -> AsyncIterator[Difference]:
    """Where they differ, by key. What the replica has heard since ``sequence`` counts as right."""
    theirs, ours = _rows(replica.theirs), _rows(replica.ours)
    owner, here = await anext(theirs, None), await anext(ours, None)
    while owner or here:
        if owner and (here is None or owner.key < here.key):
            yield Difference(Drift.MISSING, owner.key, owner.state, None, owner.beside)
            owner = await anext(theirs, None)
        elif here and (owner is None or here.key < owner.key):
            if here.sequence < sequence:
                yield Difference(Drift.LEFT_OVER, here.key, None, here.state)
            here = await anext(ours, None)
        elif owner and here:
            if owner.state != here.state and here.sequence < sequence:
                yield Difference(Drift.DIFFERS, owner.key, owner.state, here.state, owner.beside)
            owner, here = await anext(theirs, None), await anext(ours, None)


async def reconcile(replica: Replica, *, apply: bool) -> AsyncIterator[dict[str, Any]]:
    """Every difference, told when it was found and, with ``apply``, repaired."""
    sequence = await replica.begin()
    async for difference in differences(replica, sequence):
        repaired = apply and await replica.repair(difference, sequence)
        yield difference.told(replica.name, repaired=repaired)


async def _rows(page: Callable[[Key | None], Awaitable[Sequence[Row]]]) -> AsyncIterator[Row]:
    last: Key | None = None
    while True:
        rows = await page(last)
        for row in rows:
            last = row.key
            yield row
        if len(rows) < PAGE:
            return
