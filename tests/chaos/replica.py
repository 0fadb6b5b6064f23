"""One process of the fleet, which can be killed, frozen and started again."""

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.support import programs

END_SECONDS = 20.0


@dataclass(slots=True)
class Replica:
    """A program with its environment. ``groups`` is the list of those whom the broker's guard ends after us.

    ``afresh`` each of its lives begins with an exec, as in production; otherwise with a fork, which is cheap.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path
    groups: Path
    afresh: bool = True
    exits: int = 0
    _process: programs.Process | None = None
    _expected: bool = field(default=False)

    @property
    def service(self) -> str:
        """Whose replica it is."""
        return self.name.rpartition("-")[0]

    @property
    def pid(self) -> int:
        """The number of the process, alive or dead."""
        assert self._process
        return self._process.pid

    def start(self) -> None:
        """Begin a new life, unless it is alive. Who ended without our doing is counted."""
        if self._process and self._process.poll() is None:
            return
        if self._process and not self._expected:
            self.exits += 1
        self._expected = False
        with self.log.open("ab") as log, self.groups.open("a") as groups:
            self._process = programs.begin(self.command, self.environment, log, afresh=self.afresh)
            groups.write(f"{self._process.pid}\n")

    def kill(self) -> None:
        """SIGKILL."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM: an orderly end."""
        self._end(signal.SIGTERM)

    def freeze(self) -> None:
        """It does nothing from now on, and does not know."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on where it was."""
        os.kill(self.pid, signal.SIGCONT)

    def _end(self, by: signal.Signals) -> None:
        if self._process:
            self._expected = self._process.poll() is None
            self._process.send(by)
            if self._process.ended_within(END_SECONDS) is None:
                self._process.send(signal.SIGKILL)
                self._process.ended_within(END_SECONDS)
