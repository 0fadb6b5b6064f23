"""The broker as the tests get it, and what is said when there is none."""

import asyncio
import fcntl
import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shared.contracts.subscriptions import SUBSCRIPTIONS
from shared.messaging.rabbitmq import Topology
from shared.messaging.rabbitmq.connection import Connection
from tests.support.rabbitmq.installation import HOW_TO_GET_ONE, programs
from tests.support.rabbitmq.node import Node
from tests.support.rabbitmq.shared import join

NO_BROKER = "needs RabbitMQ"


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a virtual host that no other worker uses: at a node that all workers of this run share.

    With TEST_AMQP_URL it is that one, for all workers alike: give what you declare there a name of its own.
    """
    if given := os.environ.get("TEST_AMQP_URL"):
        return given
    _require_programs()
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    folder = tmp_path_factory.getbasetemp()
    vhosts = [f"gw{number}" for number in range(int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))]
    return join(folder.parent if worker else folder, worker or vhosts[0], vhosts)


@pytest.fixture(scope="module")
def product_broker(broker: str) -> Iterator[str]:
    """The same for a whole product, whose queues have their real names: nobody else uses them until they are gone."""
    with _alone_at(broker):
        asyncio.run(_delete_queues(broker))
        yield broker
        asyncio.run(_delete_queues(broker))


@pytest.fixture(scope="module")
def own_broker() -> Iterator[Node]:
    """A running node for the tests of one module alone, which may do to it what they like; it costs six seconds."""
    _require_programs()
    node = Node.started()
    yield node
    node.discard()


@contextmanager
def _alone_at(url: str) -> Iterator[None]:
    """A virtual host may serve several workers, when TEST_AMQP_URL names it."""
    name = hashlib.sha256(url.encode()).hexdigest()[:16]
    with Path(tempfile.gettempdir(), f"sparknode-tests-broker-{name}.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


async def _delete_queues(url: str) -> None:
    topology = Topology.of(SUBSCRIPTIONS)
    connection = Connection(url, "tests clean up")
    channel = await (await connection.channel()).get_underlay_channel()
    for name in topology.queues:
        await channel.queue_delete(topology.queue_of(name))
        await channel.queue_delete(topology.dead_letters_of(name))
    await connection.close()


def _require_programs() -> None:
    if programs() is not None:
        return
    if os.environ.get("CI"):
        pytest.fail(f"{NO_BROKER}, and in CI that is no reason to skip. {HOW_TO_GET_ONE}")
    pytest.skip(f"{NO_BROKER}. {HOW_TO_GET_ONE}")


_skipped = pytest.StashKey[int]()


@pytest.hookimpl
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Count what was skipped for want of a broker."""
    skipped = terminalreporter.stats.get("skipped", [])
    terminalreporter.config.stash[_skipped] = sum(NO_BROKER in str(report.longrepr) for report in skipped)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Say it last, where it is seen."""
    if count := config.stash.get(_skipped, 0):
        sys.stdout.write(f"{count} tests were skipped, because there is no RabbitMQ. {HOW_TO_GET_ONE}\n")
