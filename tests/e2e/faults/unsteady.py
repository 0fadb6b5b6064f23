"""A product in this process, on a database server of its own that a test may kill."""

import asyncio
import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from cli.embedded.parts import SCHEMAS
from cli.embedded.seed import ADMIN_EMAIL, OPERATOR_EMAIL
from cli.postgres import EmbeddedPostgres
from cli.postgres.cluster import Postmaster
from tests.e2e.faults.people import Json, a_client, sign_in
from tests.e2e.live import Live, live_product
from tests.support.databases import Databases
from tests.support.waiting import until


@dataclass(frozen=True, slots=True)
class Unsteady:
    """The product goes on while its server comes and goes."""

    live: Live
    server: EmbeddedPostgres
    folder: Path

    @property
    def databases(self) -> Mapping[str, str]:
        """Each service's database, as the owner."""
        return {service: urls.owner for service, urls in self.live.product.databases.items()}

    async def kill_server(self) -> None:
        """What ``pg_ctl stop -m immediate`` does: no good-bye to anybody, and a recovery at the next start."""
        postmaster = Postmaster.of(self.folder / "cluster")
        assert postmaster
        os.kill(postmaster.pid, signal.SIGQUIT)
        await until(lambda: not self.server.is_running)

    async def start_server(self) -> None:
        """Return when the server answers."""
        await asyncio.to_thread(self.server.start)

    def client(self) -> httpx.AsyncClient:
        """Somebody who speaks to the product."""
        return a_client(self.live.product.base_url)

    async def admin(self, http: httpx.AsyncClient) -> Json:
        """The headers of the first tenant's admin."""
        return await sign_in(http, ADMIN_EMAIL, self.live.secrets.admin_password)

    async def operator(self, http: httpx.AsyncClient) -> Json:
        """The headers of the operator, who may do anything."""
        return await sign_in(http, OPERATOR_EMAIL, self.live.secrets.operator_password)


@contextmanager
def unsteady_product(folder: Path) -> Iterator[Unsteady]:
    """Run it while the block lasts."""
    with EmbeddedPostgres(folder / "server", durable=False) as server:
        databases = Databases(server)
        urls = {schema.service: asyncio.run(databases.fresh(schema)) for schema in SCHEMAS}
        with live_product(urls, folder / "mailbox") as live:
            yield Unsteady(live, server, folder / "server")
