"""``sparknode up``: the whole product on this machine, from an empty folder to a clean end."""

from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import Any
from uuid import UUID

import structlog

from cli.described import kept_environment
from cli.dev_file import DevFile
from cli.embedded import first_tenant, log_file
from cli.embedded.databases import DatabaseUrls, GivenServer, Server, make_missing, migrate_all, urls_on
from cli.embedded.events import require_broker
from cli.embedded.operator import admit_operator
from cli.embedded.parts import SCHEMAS, SERVICES
from cli.embedded.product import LOOPBACK, Blueprint, Product, running_product, url_of
from cli.embedded.secrets import Secrets
from cli.embedded.seed import ADMIN_EMAIL, OPERATOR_EMAIL, seed
from cli.embedded.watch import keep_running
from cli.home import Home
from cli.interrupts import run_until_signal
from cli.postgres import EmbeddedPostgres, EmbeddedPostgresError
from cli.processes import variable_of
from cli.settings import UpSettings
from shared.http.server import listen
from shared.logs import configure_logs
from shared.process import CannotStart

log = structlog.get_logger(__name__)

NOT_FOR_PRODUCTION = (
    "`sparknode up` is for trying and developing. With ENVIRONMENT=production run the four processes: "
    "`sparknode migrate`, then `sparknode serve NAME` for each."
)


def up(settings: UpSettings, *, progress: Callable[[str], None], ready: Callable[[DevFile], None]) -> None:
    """Run the product until Ctrl-C or SIGTERM, in a folder that the caller has to itself; nothing is left running.

    ``CannotStart`` says what is in the way. ``progress`` is told what is going on, ``ready`` how to reach the product.
    """
    if settings.in_production:
        raise CannotStart(NOT_FOR_PRODUCTION)
    with log_file.opened(settings.home.log) as log, listen(settings.host, settings.port) as listening:
        configure_logs("sparknode", level=settings.log_level, style=settings.log_format, stream=log)
        progress("Starting PostgreSQL")
        with _server(settings) as server:
            run_until_signal(_Run(settings, settings.home, server, listening, progress, ready))


@contextmanager
def _server(settings: UpSettings) -> Iterator[Server]:
    if settings.database_url:
        yield GivenServer(settings.database_url.get_secret_value())
        return
    try:
        with EmbeddedPostgres(settings.home.postgres) as server:
            yield server
    except EmbeddedPostgresError as error:
        raise CannotStart(str(error)) from error


@dataclass(frozen=True, slots=True)
class _Run:
    """What happens while a database server is there."""

    settings: UpSettings
    home: Home
    server: Server
    listening: socket
    progress: Callable[[str], None]
    ready: Callable[[DevFile], None]

    async def __call__(self) -> None:
        secrets = Secrets.of(self.home.secrets)
        if self.settings.amqp_url:
            await require_broker(self.settings.amqp_url.get_secret_value())
        self.progress("Preparing the databases")
        databases = await self._databases(secrets)
        tenant_id = first_tenant.remembered(self.home.first_tenant)
        if tenant_id is None or not await first_tenant.is_there(databases["tenants"], tenant_id):
            self.progress("Making the first tenant")
            tenant_id = await self._seeded(databases, secrets)
        self.progress("Starting the services")
        mailbox = None if self.settings.smtp_url else self.home.mailbox
        async with running_product(self._blueprint(databases, secrets, mailbox), self.listening) as product:
            dev_file = _dev_file(product, secrets, tenant_id)
            described = kept_environment(self.home.environment, self._environment(product, secrets))
            with described, dev_file.kept_in(self.home.dev_file):
                self.ready(dev_file)
                log.info("listening", address=product.base_url)
                await product.endure(*self._beside())

    def _beside(self) -> Iterator[Coroutine[Any, Any, None]]:
        if isinstance(self.server, EmbeddedPostgres):
            yield keep_running(self.server)

    async def _databases(self, secrets: Secrets) -> dict[str, DatabaseUrls]:
        databases = urls_on(self.server, SERVICES, secrets.database_password)
        await make_missing(self.server, databases.values())
        await migrate_all(SCHEMAS, databases)
        return databases

    async def _seeded(self, databases: Mapping[str, DatabaseUrls], secrets: Secrets) -> UUID:
        """The first tenant, made where nobody else looks on, and with the mailbox even if mails go out later."""
        await admit_operator(databases["auth"], OPERATOR_EMAIL, secrets.operator_password)
        blueprint = self._blueprint(databases, secrets, self.home.mailbox)
        with listen(LOOPBACK, 0) as private:
            async with running_product(blueprint, private) as product:
                tenant_id = await seed(product.base_url, self.home.mailbox, secrets)
        first_tenant.remember(self.home.first_tenant, tenant_id)
        return tenant_id

    def _environment(self, product: Product, secrets: Secrets) -> dict[str, str]:
        """What the services would read, were they processes of their own."""
        keys = {**secrets.keys(), **{name: key.get_secret_value() for name, key in self.settings.given_keys.items()}}
        variables = {name.upper(): value for name, value in keys.items()}
        for service, urls in product.databases.items():
            variables[variable_of(service, "DATABASE_URL")] = urls.serving
            variables[variable_of(service, "DATABASE_LOOKUP_URL")] = urls.look_up
            variables[variable_of(service, "URL")] = product.addresses[service]
        variables["PUBLIC_URL"] = self.settings.public_url or product.base_url
        for name, secret in (("AMQP_URL", self.settings.amqp_url), ("SMTP_URL", self.settings.smtp_url)):
            variables[name] = secret.get_secret_value() if secret else ""
        variables["MAILBOX_DIR"] = str(product.mailbox or "")
        return variables

    def _blueprint(self, databases: Mapping[str, DatabaseUrls], secrets: Secrets, mailbox: Path | None) -> Blueprint:
        return Blueprint(
            databases=databases,
            settings={**secrets.keys(), **self.settings.given_keys, "amqp_url": self.settings.amqp_url},
            mailbox=mailbox,
            public_url=self.settings.public_url or url_of(self.listening),
        )


def _dev_file(product: Product, secrets: Secrets, tenant_id: UUID) -> DevFile:
    return DevFile(
        base_url=product.base_url,
        tenant_id=str(tenant_id),
        admin_email=ADMIN_EMAIL,
        admin_password=secrets.admin_password,
        operator_email=OPERATOR_EMAIL,
        operator_password=secrets.operator_password,
        mailbox_url=f"{product.base_url}/dev/mailbox" if product.mailbox else None,
    )
