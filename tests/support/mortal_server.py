"""A database server that a test may kill, and start again where it was."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cli.postgres import EmbeddedPostgres
from cli.postgres.cluster import Postmaster
from tests.support.folders import throwaway_folder
from tests.support.waiting import until

GONE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class MortalServer:
    """It runs until it is killed. Those who work with it look for it where it was."""

    server: EmbeddedPostgres
    folder: Path

    def url(self, database: str, user: str = "postgres", password: str | None = None) -> str:
        """How to reach one of its databases."""
        return self.server.url(database, user, password)

    async def kill(self) -> None:
        """What ``pg_ctl stop -m immediate`` does: no good-bye to anybody, and a recovery at the next start."""
        postmaster = Postmaster.of(self.folder / "cluster")
        assert postmaster
        os.kill(postmaster.pid, signal.SIGQUIT)
        await until(lambda: not self.server.is_running, GONE_SECONDS)

    async def start(self) -> None:
        """Return when it answers."""
        await asyncio.to_thread(self.server.start)


@contextmanager
def mortal_server() -> Iterator[MortalServer]:
    """Run it while the block lasts."""
    with throwaway_folder() as folder, EmbeddedPostgres(folder, durable=False) as server:
        yield MortalServer(server, folder)
