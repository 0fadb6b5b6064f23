"""Where a process can be stopped exactly, from outside: its work needs the database, and there a lock of ours waits.

| point | what is locked |
|---|---|
| before commit | a table that the transaction writes |
| after commit, before publishing | the outbox, by the transaction that is next in line when ours has committed |
| after publishing, before the mark | the rows that wait in the outbox |
| after the effect, before the acknowledgement | what a trigger at the end of each COMMIT asks for |
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from tests.e2e.faults.locks import Lock, held
from tests.support.connections import change, connected

WRITTEN_LAST = {"auth": "refresh_tokens", "invitations": "members", "ledger": "effects"}
"""What a transaction writes that others listen to, or that hears of others."""

REACHED_SECONDS = 120.0

_COMMITS = 4711
# Whoever is killed in a COMMIT that waits here has an effect, as soon as we let go: the server finishes what it began.
_PREPARE = f"""
    CREATE FUNCTION wait_before_the_answer() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock_shared({_COMMITS});
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER wait_before_the_answer AFTER INSERT ON inbox DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION wait_before_the_answer();
"""
_HAS_INBOX = "SELECT to_regclass('inbox') IS NOT NULL"
_RELAYS = r"usename LIKE '%lookup' AND query ~* 'outbox' AND query !~* 'count\(|delete'"  # not the housekeeping
_ANYBODY = "true"

_NOBODY_FETCHES = "LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE"
_NOBODY_MARKS = "SELECT FROM outbox WHERE published_at IS NULL FOR UPDATE"

Commit = Callable[[], Awaitable[None]]
"""Ends a transaction in which an event was told."""


class NotReached(Exception):
    """Nobody came to that point in time, because of what happened before."""


async def prepare(url: str) -> None:
    """Make the point at the end of a COMMIT; ``url`` is the owner's."""
    async with connected(url) as connection:
        if await connection.fetchval(_HAS_INBOX):
            await connection.execute(_PREPARE)


@asynccontextmanager
async def before_commit(url: str, service: str) -> AsyncIterator[int]:
    """Who writes something stands before the COMMIT: the number of the server process that serves them."""
    async with held(url, f"LOCK TABLE {WRITTEN_LAST[service]} IN EXCLUSIVE MODE") as lock:
        yield await _whoever(lock, _ANYBODY)


@asynccontextmanager
async def before_the_ack(url: str) -> AsyncIterator[int]:
    """A consumer has sent COMMIT, and does not hear that it was done. It is done when the block ends."""
    async with held(url, f"SELECT pg_advisory_xact_lock({_COMMITS})") as lock:
        yield await _whoever(lock, _ANYBODY)


@asynccontextmanager
async def before_publishing(url: str, commit: Commit) -> AsyncIterator[int]:
    """The relay wants to fetch what ``commit`` has just let it have."""
    async with held(url, _NOBODY_FETCHES) as fetch:
        await commit()
        yield await _whoever(fetch, _RELAYS)


@asynccontextmanager
async def before_the_mark(url: str, commit: Commit) -> AsyncIterator[int]:
    """The relay has published what ``commit`` let it have, and cannot write down that it has."""
    async with held(url, _NOBODY_FETCHES) as fetch:
        await commit()
        await _whoever(fetch, _RELAYS)
        # In line when the relay goes on, and with less to do than publishing.
        async with held(url, _NOBODY_MARKS) as mark:
            await fetch.release()
            yield await _whoever(mark, _RELAYS)


async def _whoever(lock: Lock, who: str) -> int:
    try:
        async with asyncio.timeout(REACHED_SECONDS):
            while not (found := await lock.waiting(who)):  # noqa: ASYNC110 - who comes knows nothing of us
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise NotReached from None
    return found[0]


async def cut_all(url: str) -> None:
    """End everybody's connection to a database, from the server's side."""
    await change(
        url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
