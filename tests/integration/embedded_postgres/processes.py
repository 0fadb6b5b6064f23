"""Questions to the server, and the processes around it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import asyncpg

ROOT = Path(__file__).parents[3]

# Starts a server, says so, and stays until it is killed; on SIGUSR1 it starts the server again if that has died.
_OWNER = """
import signal, sys
from pathlib import Path
from cli.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), durable=False)
server.start()
signal.signal(signal.SIGUSR1, lambda *_: None)
print("ready", flush=True)
while True:
    signal.pause()
    server.start()
"""


async def ask(url: str, question: str) -> object:
    """The first value that ``question`` gives in the database of ``url``."""
    connection = await asyncpg.connect(url, timeout=5)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


def server_pid(folder: Path) -> int:
    """The process that answers for ``folder``."""
    return int((folder / "cluster" / "postmaster.pid").read_text().splitlines()[0])


def eventually(happened: Callable[[], bool], seconds: float = 10) -> bool:
    """Whether it ``happened`` within ``seconds``."""
    deadline = time.monotonic() + seconds
    while not happened() and time.monotonic() < deadline:
        time.sleep(0.01)
    return happened()


def started_again(owner: "subprocess.Popen[str]", folder: Path, died: int) -> bool:
    """Tell the ``owner`` of a server that died; whether there is another one."""
    owner.send_signal(signal.SIGUSR1)
    with suppress(FileNotFoundError):
        return server_pid(folder) != died
    return False


def is_gone(pid: int) -> bool:
    """Whether there is no process ``pid``."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def start_owner(folder: Path, environment: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """Another process that runs the server of ``folder``."""
    owner = subprocess.Popen(
        [sys.executable, "-c", _OWNER, str(folder)], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    assert owner.stdout.readline() == "ready\n"
    return owner


def kill(owner: subprocess.Popen[str]) -> None:
    """End it without a chance to clean up."""
    owner.kill()
    owner.communicate()


@contextmanager
def program_of(user: int) -> Iterator[subprocess.Popen[bytes]]:
    """Some program that ``user`` runs meanwhile."""
    with subprocess.Popen(["/bin/sleep", "60"], user=user if os.geteuid() == 0 else None) as program:
        yield program
        program.kill()
