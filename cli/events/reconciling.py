"""`sparknode events reconcile`: each service compares its replicas with their owners, in a process of its own."""

import asyncio
import json
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

from cli.described import described
from cli.processes import Service, program_of
from shared.contracts.subscriptions import SUBSCRIPTIONS
from shared.process import CannotStart


async def reconciled(services: Sequence[Service], *, apply: bool) -> AsyncGenerator[dict[str, Any]]:
    """Every difference, as soon as it is found, and with ``apply`` repaired."""
    for service, environment in described(services).items():
        if service.value in SUBSCRIPTIONS:
            async for difference in _told(service, environment, apply=apply):
                yield difference


async def _told(service: Service, environment: Mapping[str, str], *, apply: bool) -> AsyncGenerator[dict[str, Any]]:
    command = [*program_of(service), "reconcile", *(["--apply"] if apply else [])]
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=PIPE, stderr=PIPE)
    if process.stdout:
        async for line in process.stdout:
            yield json.loads(line)
    _, said = await process.communicate()
    if process.returncode:
        raise CannotStart(said.decode().strip() or f"{service} could not compare its replicas.")
