"""How events get from service to service within one process: by a broker where there is one, else by hand."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from gateway.app import Gateway
from shared.messaging.backbone import Worker, backbone, housekeeping, watch
from shared.messaging.in_process import InProcessTransport
from shared.messaging.rabbitmq.connection import BrokerUnavailable, Connection
from shared.messaging.relay import Relay
from shared.process import CannotStart
from shared.service import Service
from shared.settings import DatabaseSettings


@asynccontextmanager
async def event_workers(
    services: Mapping[str, Service], settings: Mapping[str, DatabaseSettings], gateway: Gateway
) -> AsyncIterator[list[Worker]]:
    """What to run while the block lasts. The gateway listens at a broker by itself."""
    if not any(each.amqp_url for each in settings.values()):
        listeners = [service.listener for service in services.values() if service.listener]
        transport = InProcessTransport((*listeners, gateway.listener))
        by_hand: list[Worker] = []
        for name, service in services.items():
            by_hand += [
                Relay(service.database, transport),
                housekeeping(service.database, service.listener, settings[name]),
                *watch(service.database, service.listener),
            ]
        yield by_hand
        return
    async with AsyncExitStack() as stack:
        workers: list[Worker] = []
        for name, service in services.items():
            workers += await stack.enter_async_context(backbone(service.database, service.listener, settings[name]))
        yield workers


async def require_broker(url: str) -> None:
    """``CannotStart`` unless the broker at ``url`` lets us in."""
    connection = Connection(url, "sparknode up looks in")
    try:
        await (await connection.channel()).close()
    except BrokerUnavailable as error:
        raise CannotStart(
            f"The broker of AMQP_URL cannot be used. {error}\n"
            "Start RabbitMQ or mend AMQP_URL; or unset it, then events stay inside the process."
        ) from error
    finally:
        await connection.close()
