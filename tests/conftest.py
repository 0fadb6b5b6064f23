"""What every test may use."""

import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from inspect import iscoroutinefunction

import pytest
from hypothesis import HealthCheck, settings

from cli.postgres import EmbeddedPostgres
from shared.database.migrate import Schema
from shared.process import COLLECT_AFTER
from tests.network import stay_on_this_machine
from tests.support.compiling import compile_a_share
from tests.support.databases import Databases, DatabaseUrls
from tests.support.folders import keep_in_memory, throwaway_folder
from tests.support.logs import keep_out_of_output
from tests.support.programs import fork_workers
from tests.support.reuse import ReusedDatabases

pytest_plugins = ["tests.support.notebook.fixtures", "tests.support.rabbitmq.fixtures"]


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Before anything is collected."""
    keep_in_memory(config)
    fork_workers(config)
    stay_on_this_machine()
    keep_out_of_output()
    # A handler of its own is what asyncio puts in place of Python's, and asks for later by a call that writes down all
    # that the task has made, the whole app of a test among it, in order to find that this is the name of no signal.
    signal.signal(signal.SIGINT, _interrupt)
    # How long an example takes, or its making, depends on what else the machine does; no property is about that.
    settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("any machine")


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """The tests and all modules stay: nothing looks for garbage among them, now or later, as in a serving process.

    It took a sixth of the time of the tests that use nothing but memory.
    """
    gc.disable()
    try:
        compile_a_share(session.config)
        return (yield)
    finally:
        gc.freeze()  # and what is garbage already, too: to find it would take a fifth of a second in each worker
        gc.set_threshold(COLLECT_AFTER, 20, 20)
        gc.enable()


@pytest.fixture(scope="session")
async def shared_loop() -> asyncio.AbstractEventLoop:
    """The event loop of all tests of this worker."""
    return asyncio.get_running_loop()


@pytest.fixture(autouse=True)
def no_tasks_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """When all that a test asked for has ended, nothing that was begun for it goes on."""
    if not iscoroutinefunction(request.function):
        yield
        return
    loop: asyncio.AbstractEventLoop = request.getfixturevalue("shared_loop")
    before = asyncio.all_tasks(loop)
    yield
    if asyncio.all_tasks(loop) - before:
        loop.run_until_complete(_end(before))


async def _end(but: set[asyncio.Task[object]]) -> None:
    """Cancel all tasks but those, as an event loop of the test's own would have when it was closed."""
    left = asyncio.all_tasks() - but - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """A running server with nothing in it, for this worker alone, so that workers share no role and no lock.

    Half a second for the workers that need it. Its guard ends it however pytest ends.
    """
    with throwaway_folder() as folder, EmbeddedPostgres(folder, durable=False) as server:
        yield server


@pytest.fixture(scope="session")
def databases(postgres: EmbeddedPostgres) -> Databases:
    """The server's databases; each service's template is migrated when it is first asked for."""
    return Databases(postgres)


@pytest.fixture(scope="session")
async def reused_databases(databases: Databases) -> AsyncIterator[ReusedDatabases]:
    """Those that ``fresh_database`` gives out."""
    reused = ReusedDatabases(databases)
    yield reused
    reused.end()


@pytest.fixture
async def fresh_database(
    reused_databases: ReusedDatabases,
) -> AsyncIterator[Callable[[Schema], Awaitable[DatabaseUrls]]]:
    """Call it with a service's schema: a migrated, empty database that goes with the test."""
    lent: list[tuple[Schema, DatabaseUrls]] = []

    async def fresh(schema: Schema) -> DatabaseUrls:
        lent.append((schema, await reused_databases.fresh(schema)))
        return lent[-1][1]

    yield fresh
    for schema, urls in lent:
        await reused_databases.give_back(schema, urls)
