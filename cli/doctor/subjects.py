"""What there is to examine: the processes that the environment describes, or the product of `sparknode up`."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial

import httpx

from cli.described import Environments, described
from cli.dev_file import DevFile
from cli.doctor.broker import NAME as BROKER
from cli.doctor.broker import examine_account, examine_broker
from cli.doctor.database import DatabaseExamination
from cli.doctor.finding import Finding, Outcome
from cli.doctor.gateway import GatewayExamination
from cli.doctor.signing_keys import examine_signing_keys
from cli.embedded.parts import SCHEMAS, SERVICES, SETTINGS
from cli.gateway_client import is_elsewhere
from cli.processes import Process, Service, environment_of, variable_of
from cli.settings import CommandSettings, UpSettings
from shared.clock import utc_now
from shared.process import CannotStart
from shared.settings import DatabaseSettings, ServingSettings, load

UP = "up"
TIMEOUT_SECONDS = 5.0

NOTHING_HERE = (
    "{home} has no product. Start `sparknode up`, say where it is with SPARKNODE_HOME, or name the processes whose "
    "settings are in the environment: `sparknode doctor auth`."
)
NO_BROKER = (
    "AMQP_URL is not set for {services}: no service hears what another tells, and the owner of a new tenant is not "
    "invited. Give all processes the address of RabbitMQ; only `sparknode up` does without."
)
NOT_RUNNING = "The product in {home} is not ready. Start `sparknode up`; if that does not help, {log} says why."


async def examine_product(processes: Sequence[str], url: str | None) -> AsyncIterator[Finding]:
    """Examine ``processes`` as the environment describes them, or what `sparknode up` runs here; then the gateway.

    Without ``processes`` it is all four, if the environment names a database for each; else it is `sparknode up`.
    """
    named = processes or (tuple(Process) if _describes_processes(os.environ) else ())
    for examination in (_processes(named) if named else _home(), _gateway(url)):
        async for finding in examination:
            yield finding


def _describes_processes(environment: Mapping[str, str]) -> bool:
    return any(environment.get(variable_of(service, "DATABASE_URL")) for service in SERVICES)


async def _processes(names: Sequence[str]) -> AsyncIterator[Finding]:
    brokers, mute = set(), []
    for name in names:
        try:
            settings = _settings(name)
        except CannotStart as error:
            yield Finding(name, "settings", Outcome.FAILED, str(error))
            continue
        yield Finding(name, "settings", Outcome.OK, "complete")
        if isinstance(settings, DatabaseSettings):
            async for finding in _database(name, settings):
                yield finding
            if not settings.amqp_url:
                mute.append(name)
        if settings.amqp_url:
            brokers.add(settings.amqp_url.get_secret_value())
    if mute:
        yield Finding(BROKER, "connection", Outcome.FAILED, NO_BROKER.format(services=", ".join(mute)))
    async for finding in _brokers(brokers):
        yield finding


async def _brokers(urls: Iterable[str]) -> AsyncIterator[Finding]:
    for url in sorted(urls):
        greeted = await examine_broker(url)
        yield greeted
        if greeted.outcome is Outcome.OK:
            yield await examine_account(url)


def _settings(name: str) -> ServingSettings:
    given = {variable.lower(): value for variable, value in environment_of(name).items() if value}
    return load(SETTINGS[name], **given)


def _database(name: str, settings: DatabaseSettings) -> AsyncIterator[Finding]:
    schema = next(schema for schema in SCHEMAS if schema.service == name)
    serving, look_up = settings.database_url, settings.database_lookup_url
    contents = _contents(name, environment_of(name))
    return DatabaseExamination(schema, serving.get_secret_value(), look_up.get_secret_value(), utc_now, contents)()


def _contents(name: str, environment: Mapping[str, str]) -> dict[str, Callable[[], Awaitable[str]]]:
    return {"signing keys": partial(examine_signing_keys, environment)} if name == Process.AUTH else {}


async def _home() -> AsyncIterator[Finding]:
    try:
        settings = load(UpSettings)
        if not settings.home.secrets.exists():
            raise CannotStart(NOTHING_HERE.format(home=settings.home.folder))
        if not (settings.home.dev_file.exists() and settings.home.is_occupied()):
            raise CannotStart(NOT_RUNNING.format(home=settings.home.folder, log=settings.home.log))
        environments = described(())
        brokers = {environment.get("AMQP_URL", "") for environment in environments.values()} - {""}
    except (CannotStart, OSError) as error:
        yield Finding(UP, "product", Outcome.FAILED, str(error))
        return
    yield Finding(UP, "product", Outcome.OK, f"runs in {settings.home.folder}")
    async for finding in _databases(environments):
        yield finding
    async for finding in _brokers(brokers):
        yield finding


async def _databases(environments: Environments) -> AsyncIterator[Finding]:
    """Those that the product works on, whatever DATABASE_URL says here."""
    for schema in SCHEMAS:
        environment = environments[Service(schema.service)]
        urls = environment["DATABASE_URL"], environment["DATABASE_LOOKUP_URL"]
        async for finding in DatabaseExamination(schema, *urls, utc_now, _contents(schema.service, environment))():
            yield finding


async def _gateway(url: str | None) -> AsyncIterator[Finding]:
    try:
        here = None if url else DevFile.read(load(CommandSettings).home.dev_file)
        address = here.base_url if here else url
        elsewhere = address is not None and is_elsewhere(address)
    except CannotStart as error:
        yield Finding(Process.GATEWAY, "health", Outcome.FAILED, str(error))
        return
    if not address:
        yield Finding(Process.GATEWAY, "health", Outcome.SKIPPED, "None runs here. Name one: --url or SPARKNODE_URL.")
        return
    async with httpx.AsyncClient(base_url=address, timeout=TIMEOUT_SECONDS, trust_env=elsewhere) as client:
        async for finding in GatewayExamination(client, utc_now)():
            yield finding
