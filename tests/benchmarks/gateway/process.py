"""A program on a core of its own, watched."""

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

FIRST_CORE, SECOND_CORE = 0, 1
PATIENCE_SECONDS = 20.0
_RESIDENT = re.compile(r"VmRSS:\s+(\d+) kB")


@dataclass(frozen=True, slots=True)
class Running:
    """A program that listens on ``port``."""

    pid: int
    port: int

    @property
    def megabytes(self) -> float:
        """Its resident memory now."""
        found = _RESIDENT.search(Path(f"/proc/{self.pid}/status").read_text())
        return int(found[1]) / 1024 if found else 0.0

    @property
    def cpu_seconds(self) -> float:
        """What it has used of its core so far, whoever else did."""
        after_name = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def alone(program: Running, others: Sequence[Running]) -> Iterator[None]:
    """Let the others stand still, who may have work left of which nobody waits for the end."""
    still = [other.pid for other in others if other.pid != program.pid]
    for pid in still:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in still:
            os.kill(pid, signal.SIGCONT)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


def pinned(core: int, command: Sequence[str]) -> list[str]:
    """The command, held to one core where there is more than one."""
    return ["taskset", "-c", str(core), *command] if core in os.sched_getaffinity(0) else list(command)


@contextmanager
def running(
    command: Sequence[str], port: int, log: Path, *, core: int, environment: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """Run it while the block lasts; it is entered when ``port`` accepts connections."""
    with log.open("wb") as output:
        process = subprocess.Popen(  # the commands are our own
            pinned(core, command), env=os.environ | (environment or {}), stdout=output, stderr=output
        )
        try:
            _wait(process, port, log)
            yield Running(process.pid, port)
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"{process.args!r} did not start: {log.read_text(errors='replace')[-2000:]}")
