"""Whether it costs the same with a hundred thousand tenants and two million people as with ten tenants.

Services, which are called without a socket, and database work in turns for the one size and the other, so that
whatever else the machine does falls on both. `SCALE_TENANTS` and `SCALE_PEOPLE` (in each) choose the size,
`SCALE_BLOCKS` and `SCALE_BLOCK` how many requests are measured. Filling in the usual two million takes some minutes
and some GB of disk.
"""

import os
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pydantic import SecretStr
from rich.console import Console
from rich.progress import Progress

from services.auth.schema import SCHEMA as AUTH
from services.invitations.app import build
from services.invitations.schema import SCHEMA as INVITATIONS
from services.invitations.settings import InvitationsSettings
from shared.settings import Environment
from tests.benchmarks.figures import percentile, show
from tests.benchmarks.scale.actions import Action, Site
from tests.benchmarks.scale.filling import fill_auth, fill_invitations
from tests.benchmarks.scale.processor import seconds_of_database
from tests.e2e.conftest import logs_in
from tests.integration.auth.sessions.desk import serving
from tests.support.callers import DATA_KEY, SIGNING_KEY
from tests.support.databases import Databases
from tests.support.passwords import HARD

FEW = 10
TENANTS = int(os.environ.get("SCALE_TENANTS", "100000"))
PEOPLE = int(os.environ.get("SCALE_PEOPLE", "20"))
BLOCKS = int(os.environ.get("SCALE_BLOCKS", "8"))
BLOCK = int(os.environ.get("SCALE_BLOCK", "25"))
MOST = 1.3

Costs = Mapping[str, "tuple[Cost, Cost]"]

pytestmark = pytest.mark.timeout(1800)


@dataclass(slots=True)
class Cost:
    """Of one action at one size."""

    milliseconds: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def p50(self) -> float:
        return percentile(self.milliseconds, 50)

    @property
    def cpu(self) -> float:
        """Milliseconds of processor for each request, service and database together."""
        return self.seconds / (BLOCKS * BLOCK) * 1000


async def test_the_same_with_few_tenants_and_many(databases: Databases, tmp_path: Path) -> None:
    with logs_in(tmp_path / "log"):
        async with site(databases, FEW, tmp_path) as few, site(databases, TENANTS, tmp_path) as many:
            costs = {name: await compared(few.actions()[name], many.actions()[name]) for name in few.actions()}
            alone = {name: await compared(one, all_over) for name, (all_over, one) in many.of_many().items()}
    show_costs(f"{FEW} tenants and {TENANTS:,}, {PEOPLE} people in each", (f"{FEW}", f"{TENANTS:,}"), costs)
    show_costs("Somebody in one tenant, and in 2,000", ("one", "2,000"), alone)
    assert too_dear(costs) + too_dear(alone) == []


@asynccontextmanager
async def site(databases: Databases, tenants: int, folder: Path) -> AsyncIterator[Site]:
    """Both services on databases of that size."""
    auth, invitations = await databases.fresh(AUTH), await databases.fresh(INVITATIONS)
    with Progress(console=Console(stderr=True)) as progress:
        await fill_auth(auth.owner, tenants, PEOPLE, progress)
        await fill_invitations(invitations.owner, tenants, progress)
    settings = InvitationsSettings(
        environment=Environment.TEST,
        database_url=SecretStr(invitations.serving),
        database_lookup_url=SecretStr(invitations.look_up),
        caller_signing_key=SecretStr(SIGNING_KEY),
        data_encryption_key=SecretStr(DATA_KEY),
        public_url="https://id.example.com",
        mailbox_dir=folder / "mailbox",
    )
    service = await build(settings)
    async with serving(auth, folder, **HARD) as desk:
        yield Site(desk, service.app, tenants, PEOPLE)
    await service.close()


async def compared(first: Action, second: Action) -> tuple[Cost, Cost]:
    """Of both, by turns: the clock one request each, the processor a block of them each."""
    costs = Cost(), Cost()
    pairs = tuple(zip((first, second), costs, strict=True))
    for action, _ in pairs:
        await block_of(action)  # to warm up
    for _ in range(BLOCKS * BLOCK):
        for action, cost in pairs:
            cost.milliseconds.append(await action())
    for _ in range(BLOCKS):
        for action, cost in pairs:
            service, database = time.process_time(), seconds_of_database()
            await block_of(action)
            cost.seconds += time.process_time() - service + seconds_of_database() - database
    return costs


async def block_of(action: Action) -> None:
    for _ in range(BLOCK):
        await action()


def show_costs(title: str, sizes: tuple[str, str], costs: Costs) -> None:
    """Print what each costs."""
    rows = [
        (
            name,
            *(f"{cost.p50:.2f} ms" for cost in (one, other)),
            f"{other.p50 / one.p50:.2f}",
            *(f"{cost.cpu:.2f} ms" for cost in (one, other)),
            f"{other.cpu / one.cpu:.2f}",
        )
        for name, (one, other) in costs.items()
    ]
    show(title, ["", *(f"p50, {s}" for s in sizes), "ratio", *(f"processor, {s}" for s in sizes), "ratio"], rows)


def too_dear(costs: Costs) -> list[str]:
    """What costs more than it may beside so many others."""
    return [name for name, (one, other) in costs.items() if other.p50 > one.p50 * MOST or other.cpu > one.cpu * MOST]
