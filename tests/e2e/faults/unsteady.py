"""A product in this process, on a database server of its own that a test may kill."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from cli.embedded.parts import SCHEMAS
from cli.embedded.seed import ADMIN_EMAIL, OPERATOR_EMAIL
from tests.e2e.faults.people import Json, a_client, sign_in
from tests.e2e.live import Live, live_product
from tests.support.databases import Databases
from tests.support.mortal_server import MortalServer, mortal_server


@dataclass(frozen=True, slots=True)
class Unsteady:
    """The product goes on while its server comes and goes."""

    live: Live
    server: MortalServer

    @property
    def databases(self) -> Mapping[str, str]:
        """Each service's database, as the owner."""
        return {service: urls.owner for service, urls in self.live.product.databases.items()}

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
    with mortal_server() as server:
        databases = Databases(server)
        urls = {schema.service: asyncio.run(databases.fresh(schema)) for schema in SCHEMAS}
        with live_product(urls, folder / "mailbox") as live:
            yield Unsteady(live, server)
