"""Programs of ours that start at once: a process that has read all modules already forks for each (`launcher.py`).

As after an exec they have arguments, an environment, a folder, a number and signals of their own, and nothing of the
tests. That an exec works too, one test of each program shows.
"""

import atexit
import os
import select
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import BinaryIO

import pytest

from tests.support import launcher, launching

PATIENCE_SECONDS = 45.0

_SHARED = "TEST_LAUNCHER"


@dataclass(slots=True)
class Process:
    """It runs, or has ended."""

    pid: int
    _connection: socket.socket
    _code: int | None = None

    def poll(self) -> int | None:
        """Its exit code, or the signal below zero; nothing while it runs."""
        return self.ended_within(0)

    def ended_within(self, seconds: float) -> int | None:
        """The same, when it has ended or the time is over."""
        if self._code is None and select.select([self._connection], [], [], seconds)[0]:
            self._code = launching.told(self._connection)
            self._connection.close()
        return self._code

    def send(self, what: signal.Signals) -> None:
        """A signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, what)


@dataclass(slots=True)
class Program(Process):
    """One whose output is kept."""

    _out: BinaryIO = field(kw_only=True)
    _err: BinaryIO = field(kw_only=True)

    @property
    def out(self) -> str:
        """What it has written so far."""
        return _whole(self._out)

    @property
    def err(self) -> str:
        """What it has complained of, or logged."""
        return _whole(self._err)

    def wait(self, seconds: float = PATIENCE_SECONDS) -> int:
        """Its exit code, or the signal below zero, when it has ended."""
        code = self.ended_within(seconds)
        assert code is not None, f"it still runs after {seconds:.0f} s: {self.err}"
        return code


def begin(command: Sequence[str], environment: Mapping[str, str], log: BinaryIO, *, afresh: bool = False) -> Process:
    """``command`` as ``begun`` has it, but as the leader of a process group, which whoever begins it also ends."""
    with Path(os.devnull).open("rb") as nothing:
        files = [file.fileno() for file in (nothing, log, log)]
        connection = launching.asked(_address(), command, environment, files, afresh=afresh, leading=True)
    return Process(launching.told(connection), connection)


@contextmanager
def begun(
    command: Sequence[str | Path], environment: Mapping[str, str], stdin: str = "", *, afresh: bool = False
) -> Iterator[Program]:
    """``command`` as for an exec: the interpreter, or a script; ``afresh`` by one.

    Whatever happens, it does not outlive the block.
    """
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(stdin.encode())
        given.seek(0)
        files = [file.fileno() for file in (given, out, err)]
        with launching.asked(
            _address(), [str(each) for each in command], environment, files, afresh=afresh
        ) as connection:
            program = Program(launching.told(connection), connection, _out=out, _err=err)
            try:
                yield program
            finally:
                program.send(signal.SIGKILL)
                program.wait()


def run(
    command: Sequence[str | Path], environment: Mapping[str, str], stdin: str = ""
) -> "subprocess.CompletedProcess[str]":
    """Run it to its end."""
    with begun(command, environment, stdin) as program:
        code = program.wait()
        return subprocess.CompletedProcess(command, code, program.out, program.err)


def fork_workers(config: pytest.Config) -> None:
    """Have each worker of pytest-xdist begin as such a program, and start its own programs from the same process.

    Not where coverage is measured: that begins before any module is read.
    """
    options = config.option
    if getattr(options, "tx", None) and not getattr(options, "cov_source", None):
        options.tx = [f"popen//python={shlex.quote(interpreter())}" if each == "popen" else each for each in options.tx]
        os.environ[_SHARED] = _address()


@cache
def interpreter() -> str:
    """What can stand for ``sys.executable`` where somebody else starts modules of ours."""
    script = Path(tempfile.mkdtemp(dir=Path(_address()).parent), "python")
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -IS "{launching.__file__}" "{_address()}" "$@"\n')
    script.chmod(0o700)
    return str(script)


@cache
def _address() -> str:
    """Where the launcher listens: the one of all workers, or one that this process starts, and that ends with it."""
    if shared := os.environ.get(_SHARED):
        return shared
    folder = tempfile.TemporaryDirectory(prefix="sparknode-launcher-")
    atexit.register(folder.cleanup)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(Path(folder.name, "socket")))
        listener.listen()
        process = subprocess.Popen(
            [sys.executable, "-m", launcher.__name__, str(listener.fileno())],
            env={"PATH": os.environ["PATH"]},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            pass_fds=[listener.fileno()],
        )
        atexit.register(process.communicate)
        return str(listener.getsockname())


def _whole(file: BinaryIO) -> str:
    return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0).decode()
