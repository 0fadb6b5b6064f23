"""A service as these commands see it: its database under the look-up role, and the broker, if there is one."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from pydantic import Field

from cli.described import described
from cli.processes import Service
from shared.contracts.subscriptions import SUBSCRIPTIONS
from shared.database import Database
from shared.messaging.rabbitmq import Topology
from shared.messaging.rabbitmq.connection import Connection
from shared.settings import BrokerUrl, DatabaseUrl, Settings, load

POOL = 2


class EventSettings(Settings):
    """What these commands need of a service's settings; the services say more of each."""

    database_url: DatabaseUrl
    database_lookup_url: DatabaseUrl
    amqp_url: BrokerUrl | None = None
    events_delivery_limit: int = Field(20, ge=1, le=1000)
    inbox_retention_days: int = Field(30, ge=2)


@dataclass(frozen=True, slots=True)
class Subject:
    """One service. ``environment`` is what a process of it would be given."""

    service: Service
    environment: Mapping[str, str]
    database: Database
    broker: Connection | None
    broker_address: str | None
    topology: Topology
    memory: timedelta

    @property
    def listens(self) -> bool:
        """Whether it takes events in."""
        return self.service.value in self.topology.queues


@asynccontextmanager
async def subjects(services: Sequence[Service]) -> AsyncIterator[list[Subject]]:
    """``services``, or all that are described; their connections are made when they are first needed."""
    async with AsyncExitStack() as stack:
        opened = []
        for service, environment in described(services).items():
            given = {variable.lower(): value for variable, value in environment.items() if value}
            opened.append(await _opened(service, environment, load(EventSettings, **given), stack))
        yield opened


async def _opened(
    service: Service, environment: Mapping[str, str], settings: EventSettings, stack: AsyncExitStack
) -> Subject:
    url, look_up_url = settings.database_url.get_secret_value(), settings.database_lookup_url.get_secret_value()
    database = await Database.open(service, url, look_up_url, size=POOL)
    stack.push_async_callback(database.close)
    broker = None
    if settings.amqp_url:
        broker = Connection(settings.amqp_url.get_secret_value(), f"sparknode events ({service})")
        stack.push_async_callback(broker.close)
    return Subject(
        service,
        environment,
        database,
        broker,
        _without_password(settings.amqp_url.get_secret_value()) if settings.amqp_url else None,
        Topology.of(SUBSCRIPTIONS, settings.events_delivery_limit),
        timedelta(days=settings.inbox_retention_days),
    )


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
