"""The page of subscriptions says what the services really do."""

from collections.abc import Awaitable, Callable, Mapping

import pytest

from cli.embedded.parts import PARTS
from gateway.app import build as build_gateway
from gateway.settings import GatewaySettings
from shared.clock import utc_now
from shared.contracts.events import Event
from shared.contracts.publishers import PUBLISHERS
from shared.contracts.subscriptions import GATEWAY_SUBSCRIPTION, SUBSCRIPTIONS
from shared.database.migrate import Schema
from shared.messaging.transport import Listener
from shared.settings import load
from tests.support.callers import DATA_KEY, SIGNING_KEY
from tests.support.databases import DatabaseUrls

KEYS = {"caller_signing_key": SIGNING_KEY, "data_encryption_key": DATA_KEY, "jwt_secret_key": SIGNING_KEY[::-1]}


@pytest.fixture
async def listeners(
    fresh_database: Callable[[Schema], Awaitable[DatabaseUrls]], tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, Listener]:
    """What each service listens with, built as it is for serving."""
    found: dict[str, Listener] = {}
    for part in PARTS:
        urls = await fresh_database(part.schema)
        own = {"database_url": urls.serving, "database_lookup_url": urls.look_up}
        mailbox = tmp_path_factory.mktemp("mailbox")
        service = await part.build(load(part.settings, **KEYS, **own, mailbox_dir=mailbox), utc_now)
        if service.listener:
            found[part.name] = service.listener
        await service.close()
    return found


async def test_each_service_handles_what_is_sent_to_it_and_nothing_else(listeners: Mapping[str, Listener]) -> None:
    assert {name: listener.types for name, listener in listeners.items()} == {
        name: types_of(wanted) for name, wanted in SUBSCRIPTIONS.items()
    }


async def test_a_listener_has_the_name_of_its_service(listeners: Mapping[str, Listener]) -> None:
    assert {listener.name for listener in listeners.values()} == SUBSCRIPTIONS.keys()


async def test_the_gateway_handles_what_is_sent_to_it_and_nothing_else() -> None:
    gateway = await build_gateway(load(GatewaySettings, **KEYS))
    await gateway.close()
    assert gateway.listener.types == types_of(GATEWAY_SUBSCRIPTION)


@pytest.mark.parametrize("name", [*SUBSCRIPTIONS, "gateway"])
def test_everything_that_is_wanted_is_published(name: str) -> None:
    told = {event for events in PUBLISHERS.values() for event in events}
    assert {**SUBSCRIPTIONS, "gateway": GATEWAY_SUBSCRIPTION}[name] <= told


def types_of(events: frozenset[type[Event]]) -> frozenset[str]:
    return frozenset(event.type for event in events)
