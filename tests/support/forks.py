"""``pytest --forks N``: the tests are collected once, and run in N forks of the process that did.

Beside ``pytest -n N``, where each of N processes reads all modules and collects all tests, this saves half a minute of
work. Whoever is free takes the next file with tests from a pipe. What a fork reports goes
back to the process that forked, which tells it.
"""

import gc
import os
import signal
import struct
import sys
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import pytest

from tests.support import programs

_TICKET = struct.Struct("!H")

_ORDER = (
    *("tests/unit", "tests/architecture", "tests/contract", "tests/integration"),
    # With a product that lives on in the process, and logs. The last are small, so that all end at the same time.
    *("tests/e2e/test_up.py", "tests/e2e/faults", "tests/e2e/openapi", "tests/e2e/test_events", "tests/e2e", ""),
)

current: "tuple[str, list[str]] | None" = None
"""In a fork, its name among all their names."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """How many."""
    parser.addoption("--forks", type=int, default=0, help="run the tests in so many forks of this process")


def pytest_sessionstart(session: pytest.Session) -> None:
    """What all forks will need makes itself ready while tests are collected."""
    if session.config.getoption("--forks"):
        programs.interpreter()


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Run all that was collected, unless pytest has something else to do with it."""
    many = session.config.getoption("--forks")
    if not many or session.config.option.collectonly or session.testsfailed:
        return None
    # Made now, so that all forks have it in common.
    session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
    files = sorted((list(items) for _, items in groupby(session.items, lambda item: item.path)), key=_place)
    taking, giving = os.pipe()
    os.write(giving, b"".join(map(_TICKET.pack, range(len(files)))))
    os.close(giving)
    gc.freeze()
    sys.stdout.flush()
    names = [f"gw{number}" for number in range(many)]
    forks = [_Fork.begun(session, files, taking, names, name) for name in names]
    try:
        _tell(session, forks, taking)
    except KeyboardInterrupt:
        for fork in forks:
            os.kill(fork.pid, signal.SIGINT)
        raise
    finally:
        os.close(taking)
        for fork in forks:
            _bury(session.config, fork)
    return True


@dataclass(slots=True)
class _Fork:
    """A process, and the connection over which it reports."""

    pid: int
    connection: Connection
    running: tuple[str, Any] = ("the end of the tests", ("", None, ""))
    """The test that it is at."""

    @classmethod
    def begun(
        cls, session: pytest.Session, files: Sequence[list[pytest.Item]], taking: int, names: list[str], name: str
    ) -> "_Fork":
        ours, theirs = Pipe(duplex=False)
        if pid := os.fork():
            theirs.close()
            return cls(pid, ours)
        global current  # noqa: PLW0603 - a process has one place
        current = name, names
        os.setpgid(0, 0)  # Ctrl-C comes by way of whoever forked, and once
        code = 1
        try:
            _work(session, files, taking, theirs)
            code = 0
        except KeyboardInterrupt:
            session._setupstate.teardown_exact(None)
        except BaseException:  # noqa: BLE001 - nobody is above us
            traceback.print_exc()
        finally:
            os._exit(code)

    def ended_well(self) -> bool:
        """Whether it did all that it took; waits for its end."""
        self.connection.close()
        return os.waitpid(self.pid, 0)[1] == 0


def _place(items: list[pytest.Item]) -> tuple[int, str]:
    """Where a file comes in the order."""
    return next(place for place, start in enumerate(_ORDER) if items[0].nodeid.startswith(start)), items[0].nodeid


def _work(session: pytest.Session, files: Sequence[list[pytest.Item]], taking: int, theirs: Connection) -> None:
    """In a fork: run what can be taken."""
    config = session.config
    capture = config.pluginmanager.getplugin("capturemanager")
    capture.stop_global_capturing()  # into a file that all forks share
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)  # for what is written between two tests, and what pytest itself has to say
    capture.start_global_capturing()
    capture.suspend_global_capture()
    config.pluginmanager.register(_Reporter(config, theirs))
    for item, following in _with_the_next(_taken(files, taking)):
        theirs.send((item.nodeid, item.location))
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.shouldfail:
            break


def _taken(files: Sequence[list[pytest.Item]], taking: int) -> Iterator[pytest.Item]:
    while ticket := os.read(taking, _TICKET.size):
        yield from files[_TICKET.unpack(ticket)[0]]


def _with_the_next(items: Iterator[pytest.Item]) -> Iterator[tuple[pytest.Item, pytest.Item | None]]:
    """Each with the one after it, for which some of its fixtures may stay."""
    item = next(items, None)
    while item is not None:
        following = next(items, None)
        yield item, following
        item = following


@dataclass(frozen=True, slots=True, eq=False)
class _Reporter:
    """Sends what the tests of a fork report."""

    config: pytest.Config
    connection: Connection

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.connection.send(self.config.hook.pytest_report_to_serializable(config=self.config, report=report))


def _tell(session: pytest.Session, forks: Sequence[_Fork], taking: int) -> None:
    """Pass on what the forks report until all have ended; when enough has failed, let them take nothing more."""
    by_connection = {fork.connection: fork for fork in forks}
    while by_connection:
        for connection in wait(list(by_connection)):
            assert isinstance(connection, Connection)
            try:
                _pass_on(session.config, by_connection[connection], connection.recv())
            except EOFError:
                del by_connection[connection]
        if session.shouldfail:
            while os.read(taking, _TICKET.size):
                pass
    if session.shouldfail:
        raise session.Failed(session.shouldfail)


def _pass_on(config: pytest.Config, fork: _Fork, told: Any) -> None:
    if isinstance(told, tuple):
        fork.running = told
        return
    report = config.hook.pytest_report_from_serializable(config=config, data=told)
    config.hook.pytest_runtest_logreport(report=report)
    if report.when == "teardown":
        config.hook.pytest_runtest_logfinish(nodeid=report.nodeid, location=report.location)


def _bury(config: pytest.Config, fork: _Fork) -> None:
    """See it end. If that is not the end that it should have, a test fails for it."""
    if not fork.ended_well():
        nodeid, location = fork.running
        words = "The process that ran this test has died."
        report = pytest.TestReport(nodeid, location, {}, "failed", words, "call")
        config.hook.pytest_runtest_logreport(report=report)
