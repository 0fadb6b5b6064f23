"""A private PostgreSQL server that lives and dies with this process."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote, urlencode

from cli.postgres.cluster import Postmaster
from cli.postgres.errors import EmbeddedPostgresError
from cli.postgres.folder import DataFolder
from cli.postgres.guard import FAST_SHUTDOWN_SECONDS
from cli.postgres.launch import PORT, launch, remove_scratch
from cli.postgres.locks import FileLock
from cli.postgres.settings import DURABLE, THROWAWAY

# Recovery after a crash reads the log since the last checkpoint; everything else takes a tenth of a second.
READY_SECONDS = 120.0
# A guard needs a moment to stop the server of an owner that was killed. Then it was killed too, and we do it.
ORPHAN_SECONDS = 0.5

_NO_CHOICE = {"sslmode": "disable", "target_session_attrs": "any"}


class EmbeddedPostgres:
    """A PostgreSQL server in ``data_dir``, reached by a Unix socket that is closed to other users.

    No TCP port is opened. One process at a time runs a folder. The server does not outlive that process: a
    guard stops it within moments, also after a SIGKILL, and the next start waits for that.

    ``durable=False`` is for tests: nothing is forced to the disk, so a power failure loses the data.
    """

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self._data = DataFolder(data_dir.absolute())
        self._durable = durable
        self._ownership = FileLock(self._data.owner_lock)
        self._in_use = FileLock(self._data.server_lock)
        self._guard: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def is_running(self) -> bool:
        """Whether the server that this object started is up."""
        return self._guard is not None and self._guard.poll() is None

    @property
    def log(self) -> Path:
        """Where the server says what it has to say since its last start."""
        return self._data.log

    def url(self, database: str, user: str = "postgres", password: str | None = None) -> str:
        """The DSN of ``database``, good for asyncpg and libpq.

        It depends on the folder alone: another process may ask for it too, and what an environment says of the servers
        that somebody works with (PGSSLMODE and the like) has no say. ``postgres`` needs no password.
        """
        credentials = quote(user, safe="") + (f":{quote(password, safe='')}" if password is not None else "")
        place = {"host": str(self._data.socket_dir), "port": PORT}
        address = urlencode(place | _NO_CHOICE, safe="/", quote_via=quote)
        return f"postgresql://{credentials}@/{quote(database, safe='')}?{address}"

    def start(self) -> None:
        """Return when the server answers. A running one is left alone, one that died is started again.

        ``EmbeddedPostgresError`` when the folder cannot be written, is in use, or the server does not come up.
        """
        if self.is_running:
            return
        try:
            is_restart = self._ownership.held
            self._claim()
            self._dismiss_guard()
            self._see_off_orphan()
            if not is_restart:
                remove_scratch(self._data)  # what an owner left that was killed together with its guard
            settings = DURABLE if self._durable else THROWAWAY
            self._guard = launch(self._data, settings, self._in_use, sync=self._durable)
            self._in_use.release()  # from here on it is the server that is in the folder
            self._wait_until_ready()
        except OSError as error:
            self.stop()
            raise EmbeddedPostgresError(
                f"The data folder {self._data.root} cannot be used: {error}. "
                "Mend its permissions, or choose another folder with SPARKNODE_HOME."
            ) from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Return when the server is down, its data safe. Stopping what is not running is fine."""
        self._dismiss_guard()
        if self._ownership.held:
            self._see_off_orphan()
            remove_scratch(self._data)
            self._in_use.release()
            self._ownership.release()

    def _claim(self) -> None:
        self._data.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._ownership.acquire():
            raise EmbeddedPostgresError(
                f"The data folder {self._data.root} is in use by another sparknode. "
                "Stop that one, or choose another folder with SPARKNODE_HOME."
            )

    def _dismiss_guard(self) -> None:
        """Have the guard stop the server, and return when it has."""
        guard, self._guard = self._guard, None
        if guard is not None and guard.stdin is not None:
            guard.stdin.close()
            guard.wait()

    def _see_off_orphan(self) -> None:
        """Return when no server works in the folder, whoever started it: then this object holds the lock."""
        if _within(ORPHAN_SECONDS, self._in_use.acquire):
            return
        for request in (signal.SIGINT, signal.SIGQUIT):
            if orphan := Postmaster.of(self._data.cluster):
                with suppress(ProcessLookupError):
                    os.kill(orphan.pid, request)
            if _within(FAST_SHUTDOWN_SECONDS, self._in_use.acquire):
                return
        raise EmbeddedPostgresError(
            f"A database server of an earlier run is still in {self._data.cluster} and does not stop. "
            f"End it (its number is in {self._data.cluster / 'postmaster.pid'}), then start again."
        )

    def _wait_until_ready(self) -> None:
        def settled() -> bool:
            server = Postmaster.of(self._data.cluster)
            return not self.is_running or (server is not None and server.is_ready)

        if not _within(READY_SECONDS, settled) or not self.is_running:
            end_of_log = "\n".join(self._data.log.read_text(errors="replace").splitlines()[-8:])
            raise EmbeddedPostgresError(
                f"The database server did not start. The end of {self._data.log}:\n{end_of_log}"
            )


def _within(seconds: float, happened: Callable[[], bool]) -> bool:
    """Look every few milliseconds whether it ``happened``; ``False`` when it did not in so many seconds."""
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True
