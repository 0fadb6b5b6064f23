"""`sparknode up` on a database server that outlives it, so that it can be killed, looked at, and started again."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGKILL
from uuid import uuid4

import httpx

from cli.embedded.databases import GivenServer, urls_on
from cli.embedded.parts import SERVICES
from cli.postgres import EmbeddedPostgres
from tests.e2e.faults.people import Json, a_client, sign_in
from tests.e2e.program import Up, up


@dataclass(slots=True)
class Mortal:
    """A product on ``server`` (as in ``DATABASE_URL``), alive or dead."""

    home: Path
    server: GivenServer
    dev: Json = field(default_factory=dict)
    _life: ExitStack = field(default_factory=ExitStack)
    _up: Up | None = None
    _admin: Json = field(default_factory=dict)

    @property
    def databases(self) -> dict[str, str]:
        """Each service's database, as the owner."""
        return {service: urls.owner for service, urls in urls_on(self.server, SERVICES, "").items()}

    def live(self) -> None:
        """Be alive when this returns."""
        if self._up is None:
            # Its port is another one in each life. Tokens name the public address, and stay good.
            variables = {"DATABASE_URL": self.server.address, "PUBLIC_URL": "http://localhost", "LIMITS": "off"}
            self._up = self._life.enter_context(up(self.home, **variables))
            self.dev, self._admin = self._up.ready(), {}

    def die(self) -> None:
        """SIGKILL."""
        if self._up is not None:
            self._up.end(SIGKILL)
            self._up = None
            self._life.close()

    def client(self) -> httpx.AsyncClient:
        """Somebody who speaks to it in this life."""
        return a_client(self.dev["base_url"])

    async def admin(self, http: httpx.AsyncClient) -> Json:
        """The headers of the first tenant's admin."""
        if not self._admin:
            self._admin = await sign_in(http, self.dev["admin_email"], self.dev["admin_password"])
        return self._admin


@contextmanager
def mortal_product(postgres: EmbeddedPostgres, home: Path) -> Iterator[Mortal]:
    """A product that has lived once; it is dead for good at the end of the block."""
    product = Mortal(home, GivenServer(postgres.url(f"mortal_{uuid4().hex[:8]}")))
    try:
        product.live()
        yield product
    finally:
        product.die()
