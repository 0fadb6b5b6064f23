"""The dead letters of all services, at the broker and in the databases, as one pile."""

import asyncio
import json
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from cli.events.subject import Subject
from cli.processes import program_of
from shared.messaging.dead_letters import LOCK, DeadLetter, DeadLetterTable
from shared.messaging.rabbitmq.dead_letters import DeadLetterQueue
from shared.process import CannotStart

TAKEN_IN_AT_ONCE = 100
PATIENCE_SECONDS = 10.0
LOOK_AGAIN_SECONDS = 0.2

_UNLOCK = "SELECT pg_advisory_unlock(hashtext('dead letters'))"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which dead letters are meant; nothing said is any."""

    ids: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()

    def includes(self, letter: DeadLetter) -> bool:
        """Whether ``letter`` is meant."""
        return (not self.ids or letter.id in self.ids) and (not self.types or letter.type in self.types)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a dead letter. ``failed`` says why nothing did."""

    letter: DeadLetter
    failed: str | None = None


async def found(subject: Subject, wanted: Wanted) -> AsyncGenerator[DeadLetter]:
    """Those of a service that are wanted, oldest first at each place. Nothing is changed."""
    async with _alone(subject):
        async for letter in DeadLetterTable(subject.database, subject.service).letters():
            if wanted.includes(letter):
                yield letter
        if queue := _queue(subject):
            async with queue.in_hand() as hand:
                async for letter in hand.letters():
                    if wanted.includes(letter):
                        yield letter


async def replayed(subject: Subject, wanted: Wanted) -> AsyncGenerator[Outcome]:
    """Give them back to their consumer alone.

    From the broker's pile they go into its queue. From the database they take effect now, or the outcome says why not.
    """
    async with _alone(subject):
        waiting: list[DeadLetter] = []
        async for letter in DeadLetterTable(subject.database, subject.service).letters():
            if wanted.includes(letter):
                waiting.append(letter)
            if len(waiting) == TAKEN_IN_AT_ONCE:
                for outcome in await _taken_in(subject, waiting):
                    yield outcome
                waiting.clear()
        for outcome in await _taken_in(subject, waiting):
            yield outcome
        if queue := _queue(subject):
            async with queue.in_hand() as hand:
                async for letter in hand.letters():
                    if wanted.includes(letter):
                        await hand.replay(letter)
                        yield Outcome(letter)


async def discarded(subject: Subject, wanted: Wanted) -> AsyncGenerator[Outcome]:
    """Remove them for good."""
    async with _alone(subject):
        table = DeadLetterTable(subject.database, subject.service)
        async for letter in table.letters():
            if wanted.includes(letter):
                await table.discard(UUID(letter.id))
                yield Outcome(letter)
        if queue := _queue(subject):
            async with queue.in_hand() as hand:
                async for letter in hand.letters():
                    if wanted.includes(letter):
                        await hand.discard(letter)
                        yield Outcome(letter)


def _queue(subject: Subject) -> DeadLetterQueue | None:
    if subject.broker is None:
        return None
    return DeadLetterQueue(subject.broker, subject.topology, subject.service)


@asynccontextmanager
async def _alone(subject: Subject) -> AsyncIterator[None]:
    """Have the dead letters of a service to oneself."""
    async with subject.database.look_up() as rows:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not await rows.fetchval(LOCK):  # noqa: ASYNC110 - a lock that is given back gives no sign
                    await asyncio.sleep(LOOK_AGAIN_SECONDS)
        except TimeoutError:
            raise CannotStart(
                f"Somebody else is at the dead letters of {subject.service}. Try again when they are done."
            ) from None
        try:
            yield
        finally:
            await rows.fetchval(_UNLOCK)


async def _taken_in(subject: Subject, letters: Sequence[DeadLetter]) -> list[Outcome]:
    """Let them take effect in a process of the service; what it says of each."""
    if not letters:
        return []
    command = [*program_of(subject.service), "take-in", *(letter.id for letter in letters)]
    process = await asyncio.create_subprocess_exec(*command, env=subject.environment, stdout=PIPE, stderr=PIPE)
    out, err = await process.communicate()
    if process.returncode:
        raise CannotStart(f"{subject.service} could not take its dead letters in: {err.decode().strip()}")
    told = [json.loads(line) for line in out.splitlines()]
    return [Outcome(letter, each["reason"]) for letter, each in zip(letters, told, strict=True)]
