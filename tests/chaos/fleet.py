"""The product as it runs in production: each replica a process, one broker, one database server; all of them mortal."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx

from cli.embedded.parts import SCHEMAS
from cli.embedded.secrets import Secrets
from cli.processes import Process, program_of
from shared.database.migrate import Schema
from tests.chaos import ledger
from tests.chaos.points import prepare
from tests.chaos.replica import Replica
from tests.support.databases import Databases, DatabaseUrls
from tests.support.mortal_server import MortalServer, mortal_server
from tests.support.ports import free_ports
from tests.support.rabbitmq import Node
from tests.support.waiting import eventually

READY_SECONDS = 60.0
SCHEMA_OF: Mapping[str, Schema] = {schema.service: schema for schema in (*SCHEMAS, ledger.SCHEMA)}


@dataclass(slots=True)
class Fleet:
    """All that runs. Each service's first replica answers requests too; the others only work."""

    server: MortalServer
    node: Node
    folder: Path
    databases: Mapping[str, DatabaseUrls]
    afresh: bool = True
    secrets: Secrets = field(default_factory=Secrets)
    replicas: dict[str, Replica] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)

    @property
    def gateway_url(self) -> str:
        """Where clients go."""
        return f"http://127.0.0.1:{self.ports[Process.GATEWAY]}"

    @property
    def mailbox(self) -> Path:
        """Where mails are kept."""
        return self.folder / "mailbox"

    def of(self, service: str) -> list[Replica]:
        """The replicas of a service."""
        return [replica for replica in self.replicas.values() if replica.service == service]

    def add(self, names: Sequence[str]) -> None:
        """Start these replicas: ``auth-1``, ``auth-2``, and so on."""
        if not self.ports:
            self.ports = dict(zip(Process, free_ports(len(Process)), strict=True))
        for name in names:
            service, _, number = name.rpartition("-")
            command = (*_program(service), *_verb(service, number))
            log, groups = self.folder / f"{name}.log", self.node.folder / "groups"
            self.replicas[name] = Replica(name, command, self._environment(service), log, groups, self.afresh)
        self.start_all()

    def start_all(self) -> None:
        """See to it that every replica lives, as an orchestrator does."""
        for replica in self.replicas.values():
            replica.start()

    async def ready(self) -> None:
        """Return when all that answer requests say that they can."""
        answering = [service for service in self.ports if f"{service}-1" in self.replicas]
        async with httpx.AsyncClient(trust_env=False) as http:
            for service in answering:
                ready = partial(_answers, http, f"http://127.0.0.1:{self.ports[service]}/readyz")
                await eventually(ready, f"{service}, ready", READY_SECONDS)

    def _environment(self, service: str) -> dict[str, str]:
        urls = self.databases.get(service)
        addresses = {f"{name.upper()}_URL": f"http://127.0.0.1:{port}" for name, port in self.ports.items()}
        own = {"DATABASE_URL": urls.serving, "DATABASE_LOOKUP_URL": urls.look_up} if urls else {}
        return {
            "PATH": os.environ["PATH"],
            "ENVIRONMENT": "test",
            "PORT": str(self.ports.get(service, 0)),
            "PUBLIC_URL": self.gateway_url,
            "AMQP_URL": self.node.url(),
            "MAILBOX_DIR": str(self.mailbox),
            "LIMITS": "off",
            **{name.upper(): key for name, key in self.secrets.keys().items()},
            **addresses,
            **own,
        }


def _program(service: str) -> list[str]:
    return [sys.executable, "-m", "tests.chaos.ledger"] if service == ledger.NAME else program_of(service)


def _verb(service: str, number: str) -> list[str]:
    if service == ledger.NAME:
        return []
    return ["serve" if number == "1" else "worker"]


async def _answers(http: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await http.get(url)).is_success
    except httpx.TransportError:
        return False


@asynccontextmanager
async def a_fleet(folder: Path, node: Node, services: Sequence[str], *, afresh: bool = True) -> AsyncIterator[Fleet]:
    """A database server with an empty database for each of ``services``, beside the running broker; no replica yet.

    ``afresh`` each replica will be started by an exec.
    """
    with mortal_server() as server:
        made = Databases(server)
        databases = {service: await made.fresh(SCHEMA_OF[service]) for service in services}
        for urls in databases.values():
            await prepare(urls.owner)
        fleet = Fleet(server, node, folder, databases, afresh)
        try:
            yield fleet
        finally:
            await asyncio.gather(*(asyncio.to_thread(replica.stop) for replica in fleet.replicas.values()))
