"""The whole product, running beside the tests: in this process, on a thread and event loop of its own."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from anyio.from_thread import BlockingPortal, start_blocking_portal

from cli.embedded.databases import DatabaseUrls
from cli.embedded.operator import admit_operator
from cli.embedded.product import LOOPBACK, Blueprint, Product, running_product
from cli.embedded.secrets import Secrets
from cli.embedded.seed import OPERATOR_EMAIL, seed
from shared.http.server import listen
from tests.support.name_server import name_server
from tests.support.passwords import EASY

IN_TESTS: Mapping[str, Any] = {"environment": "test", "limits": "off", **EASY}


@dataclass(frozen=True, slots=True)
class Live:
    """A product that runs, with its first tenant in it; ``portal`` leads to its event loop."""

    product: Product
    secrets: Secrets
    tenant_id: UUID
    portal: BlockingPortal


@contextmanager
def live_product(
    databases: Mapping[str, DatabaseUrls], mailbox: Path, settings: Mapping[str, Any] | None = None
) -> Iterator[Live]:
    """Run the product on migrated, empty ``databases`` while the block lasts, with ``settings`` beside the usual."""
    secrets = Secrets()
    blueprint = Blueprint(
        databases=databases, settings={**secrets.keys(), **IN_TESTS, **(settings or {})}, mailbox=mailbox
    )
    with (
        start_blocking_portal(backend_options={"use_uvloop": True}) as portal,
        portal.wrap_async_context_manager(_seeded(blueprint, mailbox, secrets)) as (product, tenant_id),
    ):
        yield Live(product, secrets, tenant_id, portal)


@asynccontextmanager
async def _seeded(blueprint: Blueprint, mailbox: Path, secrets: Secrets) -> AsyncIterator[tuple[Product, UUID]]:
    async with name_server() as names:
        # Whatever domain a test claims: nobody else is asked about it.
        told = replace(blueprint, settings={**blueprint.settings, "dns_servers": "{}:{}".format(*names.address)})
        async with _product(told, mailbox, secrets) as running:
            yield running


@asynccontextmanager
async def _product(blueprint: Blueprint, mailbox: Path, secrets: Secrets) -> AsyncIterator[tuple[Product, UUID]]:
    await admit_operator(blueprint.databases["auth"], OPERATOR_EMAIL, secrets.operator_password)
    with listen(LOOPBACK, 0) as listening:
        async with running_product(blueprint, listening) as product:
            yield product, await seed(product.base_url, mailbox, secrets)
