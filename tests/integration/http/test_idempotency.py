"""Creating once per `Idempotency-Key`: the answer is kept with the effect, or neither is."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import asyncpg
import pytest
from starlette.responses import Response

from shared.clock import utc_now
from shared.contracts.caller import Caller
from shared.database import Database, DatabaseUnavailable
from shared.database.migrate import Schema
from shared.errors import Conflict
from shared.http.idempotency import AnswerUnreadable, Attempt, Idempotency, IdempotencyKeyReused
from shared.ids import new_id
from tests.support.callers import DATA_KEY, a_caller
from tests.support.databases import DatabaseUrls
from tests.support.notebook import NOTEBOOK
from tests.support.notebook.facts import notes

SECRET = "shown-once-and-never-again"
TENANT = new_id()
ANN = a_caller(TENANT)


END_ALL_THAT_WRITE = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
     WHERE datname = current_database() AND state = 'idle in transaction'
"""


class Died(BaseException):
    """As if the process ended at this point."""


@dataclass(slots=True)
class Notebook:
    """Creates notes in a database of its own, at a time of its own."""

    urls: DatabaseUrls
    database: Database
    now: datetime = field(default_factory=utc_now)
    problem: BaseException | None = None
    cut_off: bool = False
    secret: str = DATA_KEY

    @property
    def idempotency(self) -> Idempotency:
        return Idempotency(self.database, self.secret, lambda: self.now)

    async def create(self, text: str = "x", *, by: Caller = ANN, key: str = "k", route: str = "/notes") -> Response:
        """A request under a key."""

        async def handle() -> Response:
            async with self.database.transaction(by.tenant_id) as tx:
                await tx.execute("INSERT INTO notes (tenant_id, text) VALUES ($1, $2)", by.tenant_id, text)
            if self.problem:
                raise self.problem
            if self.cut_off:
                await self.rows(self.urls.owner, END_ALL_THAT_WRITE)
            return Response(f"{text} {new_id()} {SECRET}", 201, {"Location": "/notes/ö"}, "text/plain")

        return await self.idempotency.once(Attempt(by, route, key, fingerprint=text), handle)

    async def rows(self, url: str, sql: str) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetch(sql)
        finally:
            await connection.close()


@pytest.fixture
async def notebook(fresh_database: Callable[[Schema], Awaitable[DatabaseUrls]]) -> AsyncIterator[Notebook]:
    urls = await fresh_database(NOTEBOOK)
    database = await Database.open("notebook", urls.serving, urls.look_up, size=3)
    yield Notebook(urls, database)
    await database.close()


def said(answer: Response) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """All that goes over the wire."""
    return answer.status_code, answer.raw_headers, bytes(answer.body)


async def test_the_same_again_gets_the_first_answer_byte_for_byte(notebook: Notebook) -> None:
    first = await notebook.create()
    assert said(await notebook.create()) == said(first)
    assert await notes(notebook.database, TENANT) == ["x"]


async def test_another_body_under_the_key_is_refused(notebook: Notebook) -> None:
    first = await notebook.create("x")
    with pytest.raises(IdempotencyKeyReused):
        await notebook.create("y")
    assert said(await notebook.create("x")) == said(first)
    assert await notes(notebook.database, TENANT) == ["x"]


async def test_of_fifty_at_once_one_creates_and_all_are_told_the_same(notebook: Notebook) -> None:
    answers = await asyncio.gather(*(notebook.create() for _ in range(50)))
    assert len({bytes(answer.body) for answer in answers}) == 1
    assert await notes(notebook.database, TENANT) == ["x"]


@pytest.mark.parametrize("problem", [Conflict("Not now."), asyncio.CancelledError(), Died()])
async def test_what_did_not_happen_is_not_kept_and_may_be_tried_again(
    notebook: Notebook, problem: BaseException
) -> None:
    """A problem, a client that goes away, a process that dies: neither the effect is there, nor the key."""
    notebook.problem = problem
    with pytest.raises(type(problem)):
        await notebook.create()
    assert await notes(notebook.database, TENANT) == []
    assert await notebook.rows(notebook.urls.owner, "SELECT FROM idempotency_keys") == []
    notebook.problem = None
    assert (await notebook.create("another body")).status_code == 201


async def test_a_connection_lost_before_the_commit_leaves_neither(notebook: Notebook) -> None:
    notebook.cut_off = True
    with pytest.raises(DatabaseUnavailable):
        await notebook.create()
    assert await notes(notebook.database, TENANT) == []
    assert await notebook.rows(notebook.urls.owner, "SELECT FROM idempotency_keys") == []
    notebook.cut_off = False
    assert (await notebook.create()).status_code == 201


async def test_who_waited_for_one_that_failed_creates_instead(notebook: Notebook) -> None:
    notebook.problem = Conflict("Not now.")
    failing = [asyncio.create_task(notebook.create()) for _ in range(5)]
    assert all(isinstance(each, Conflict) for each in await asyncio.gather(*failing, return_exceptions=True))
    notebook.problem = None
    assert (await notebook.create()).status_code == 201
    assert await notes(notebook.database, TENANT) == ["x"]


async def test_after_a_day_the_key_is_new(notebook: Notebook) -> None:
    first = await notebook.create()
    notebook.now += timedelta(hours=24) - timedelta(seconds=1)
    assert said(await notebook.create()) == said(first)
    notebook.now += timedelta(seconds=1)
    later = await notebook.create("y")
    assert later.body != first.body
    assert said(await notebook.create("y")) == said(later)
    assert await notes(notebook.database, TENANT) == ["x", "y"]


@pytest.mark.parametrize(
    ("by", "route"),
    [
        (a_caller(TENANT), "/notes"),
        (a_caller(new_id(), subject=ANN.subject), "/notes"),
        (ANN, "/other-notes"),
    ],
    ids=["another person", "the same person in another tenant", "another route"],
)
async def test_a_key_is_its_callers_own_in_one_tenant_on_one_route(notebook: Notebook, by: Caller, route: str) -> None:
    first = await notebook.create()
    other = await notebook.create(by=by, route=route)
    assert other.body != first.body
    assert said(await notebook.create(by=by, route=route)) == said(other)
    assert said(await notebook.create()) == said(first)


async def test_the_table_shows_nothing_of_answer_body_or_key(notebook: Notebook) -> None:
    """CVE-2017-18917: not even whoever has the data key as well reads an answer, without the client's key."""
    await notebook.create(key="a-key-of-the-client")
    [row] = await notebook.rows(notebook.urls.owner, "SELECT k::text AS all, answer FROM idempotency_keys AS k")
    for text in (SECRET, "a-key-of-the-client", "/notes/ö"):
        assert text not in row["all"]
        assert text.encode() not in row["answer"]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await notebook.rows(notebook.urls.look_up, "SELECT answer FROM idempotency_keys")


async def test_an_answer_in_another_row_opens_to_nobody(notebook: Notebook) -> None:
    await notebook.create(by=ANN)
    mallory = a_caller(TENANT)
    await notebook.create(by=mallory)
    copied = "UPDATE idempotency_keys SET answer = (SELECT answer FROM idempotency_keys WHERE subject = '{}')"
    await notebook.rows(notebook.urls.owner, copied.format(ANN.subject))
    with pytest.raises(AnswerUnreadable):
        await notebook.create(by=mallory)


async def test_after_the_data_key_changed_nothing_is_done_twice(notebook: Notebook) -> None:
    await notebook.create()
    notebook.secret = "another secret of the deployment"
    with pytest.raises(AnswerUnreadable):
        await notebook.create()
    assert await notes(notebook.database, TENANT) == ["x"]


async def test_what_is_a_day_old_is_forgotten(notebook: Notebook) -> None:
    await notebook.create(key="old")
    notebook.now += timedelta(hours=1)
    young = await notebook.create(key="young")
    notebook.now += timedelta(hours=23)
    assert await notebook.idempotency.forget() == 1
    assert said(await notebook.create(key="young")) == said(young)
    assert await notebook.idempotency.forget() == 0
