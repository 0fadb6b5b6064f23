"""How fast a core is meanwhile.

A core of a virtual machine is half of a real one, whose other half may belong to somebody else. While that one works,
ours takes up to twice as long for the same, counts it all as its own processor time, and says nothing about it. So the
same short piece of work is done over and over on each core, and what it takes tells the pace of everything else there.

Run as a program, this file is what does that work.
"""

import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.figures import percentile
from tests.benchmarks.programs import running

BEAT_SECONDS = 0.025
WORK = 2_000
"""Steps of the piece of work: a third of a millisecond, so that it takes little from what is measured."""

QUICKEST_PERCENT = 1
"""Of all beats of a run, which count as full pace."""


class Spell(NamedTuple):
    """Seconds of processor time that something took, and between which times of ``time.monotonic``."""

    cpu_seconds: float
    since: float
    until: float


@dataclass(frozen=True, slots=True)
class Pace:
    """What the beats of some cores took so far, in the files where they are noted.

    Full pace is what was seen when the cores were quickest, so it is to be asked at the end of a run; if they never
    were at it, everything is told to be slower than it could be.
    """

    notes: Sequence[Path]

    def slowness(self, since: float, until: float) -> float:
        """How many times as long as at full pace the same work took between two times of ``time.monotonic``."""
        return sum(_slowness(note, since, until) for note in self.notes) / len(self.notes)

    def cpu_seconds(self, spells: Iterable[Spell]) -> float:
        """What all of them would have taken at full pace."""
        return sum(spell.cpu_seconds / self.slowness(spell.since, spell.until) for spell in spells)


def _slowness(note: Path, since: float, until: float) -> float:
    beats = [(float(when), int(took)) for when, took in (line.split() for line in note.read_text().splitlines())]
    within = [took for when, took in beats if since <= when <= until]
    return sum(within) / len(within) / percentile([took for _, took in beats], QUICKEST_PERCENT)


@contextmanager
def watched(cores: Sequence[int], folder: Path) -> Iterator[Pace]:
    """Have the pace of these cores noted while the block lasts."""
    notes = [folder / f"pace.{core}" for core in cores]
    with ExitStack() as stack:
        for core, note in zip(cores, notes, strict=True):
            command = [sys.executable, "-m", __name__, str(core), str(note)]
            stack.enter_context(running(command, os.environ, folder / "pace.log"))
        while not all(note.exists() and note.stat().st_size for note in notes):
            time.sleep(BEAT_SECONDS)
        yield Pace(notes)


def _beat(core: int, note: Path) -> None:
    if core in os.sched_getaffinity(0):
        os.sched_setaffinity(0, {core})
    with note.open("w", buffering=1) as written:
        while True:
            _work()  # once for the caches, which others have used since
            began = time.thread_time_ns()
            _work()
            took = time.thread_time_ns() - began
            written.write(f"{time.monotonic():.3f} {took}\n")
            time.sleep(BEAT_SECONDS)


def _work() -> None:
    said: dict[int, str] = {}
    for number in range(WORK):
        said[number & 255] = str(number)


if __name__ == "__main__":
    _beat(int(sys.argv[1]), Path(sys.argv[2]))
