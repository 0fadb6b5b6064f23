"""`sparknode` as its users start it: a program of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

from cli.home import Home
from cli.main import main
from tests.support import programs
from tests.support.logs import logs_as_before
from tests.support.passwords import EASY_VARIABLES

PROGRAM = Path(sys.executable).with_name("sparknode")
READY_SECONDS = 45.0
END_SECONDS = 20.0
LOOK_AGAIN_SECONDS = 0.01


def environment(home: Path, **variables: str) -> dict[str, str]:
    """What the program sees: nothing of ours but the path, a home, a free port, and ``variables``."""
    return {"PATH": os.environ["PATH"], "SPARKNODE_HOME": str(home), "PORT": "0"} | variables


def sparknode(*arguments: str, home: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end, in a process of its own."""
    return programs.run([PROGRAM, *arguments], environment(home, **variables))


def command(*arguments: str, home: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run a command that goes to its end, in this process: the same, and what it starts in turn starts at once."""
    out, err, code = StringIO(), StringIO(), 0
    with (
        logs_as_before(),
        patch.object(sys, "executable", programs.interpreter()),
        patch.dict(os.environ, environment(home, **variables), clear=True),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main(*arguments)
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


@dataclass(frozen=True, slots=True)
class Up:
    """A running `sparknode up`."""

    program: programs.Program
    home: Home
    stale: tuple[int, int] | None

    def wait_for(self, file: Path) -> None:
        """Return when ``file`` is there, or a folder that is not empty."""
        self._wait(lambda: file.is_file() or (file.is_dir() and any(file.iterdir())), str(file))

    def ready(self) -> dict[str, Any]:
        """What dev.json says, as soon as it is there and not the one that a killed product left."""
        self._wait(lambda: _identity(self.home.dev_file) not in {self.stale, None}, "dev.json")
        read: dict[str, Any] = json.loads(self.home.dev_file.read_text())
        return read

    def _wait(self, happened: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not happened():
            assert self.program.poll() is None, (self.program.out, self.program.err)
            assert time.monotonic() < deadline, f"{what} did not come within {READY_SECONDS:.0f} s"
            time.sleep(LOOK_AGAIN_SECONDS)

    def end(self, by: signal.Signals = signal.SIGINT) -> tuple[int, str, str]:
        """End it by a signal: its exit code and what it printed."""
        self.program.send(by)
        code = self.program.wait(END_SECONDS)
        return code, self.program.out, self.program.err


@contextmanager
def up(home: Path, **variables: str) -> Iterator[Up]:
    """Start `sparknode up`, where hashing is easy; whatever happens, it does not outlive the block."""
    with _up(home, EASY_VARIABLES | variables) as product:
        yield product


@contextmanager
def up_by_exec(home: Path, **variables: str) -> Iterator[Up]:
    """The same without a short cut: a new interpreter, which reads all modules itself, and hashes as it should."""
    with _up(home, variables, afresh=True) as product:
        yield product


@contextmanager
def _up(home: Path, variables: Mapping[str, str], *, afresh: bool = False) -> Iterator[Up]:
    stale = _identity(Home(home).dev_file)
    with programs.begun([PROGRAM, "up"], environment(home, **variables), afresh=afresh) as program:
        yield Up(program, Home(home), stale)


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns
