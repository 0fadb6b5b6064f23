"""``python -m tests.chaos``: take everything away in every way, and look what is lost. Exit code 1 if anything was."""

import argparse
import asyncio
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from cli.embedded.operator import admit_operator
from cli.embedded.seed import OPERATOR_EMAIL, seed
from shared.logs import configure_logs
from tests.chaos.crowd import Crowd
from tests.chaos.fleet import Fleet, a_fleet
from tests.chaos.report import last_line
from tests.chaos.run import Outcome, Plan, run
from tests.chaos.schedule import DATABASES, REPLICAS, schedule
from tests.e2e.faults.people import a_client
from tests.support.folders import throwaway_folder
from tests.support.rabbitmq import Node

SOURCE = "auth"


def main(arguments: Sequence[str]) -> int:
    """The exit code."""
    given = _parsed(arguments)
    plan = Plan(given.seed, given.events, schedule(given.seed, given.events, given.faults), SOURCE)
    sys.stdout.write(f"SEED={plan.seed} EVENTS={plan.events} FAULTS={len(plan.faults)}\n")
    if given.schedule:
        sys.stdout.writelines(f"{fault.after:>7}  {fault.kind} {fault.target}\n" for fault in plan.faults)
        return 0
    configure_logs("chaos", level="error", style="console")
    began = time.monotonic()
    with throwaway_folder() as folder:
        outcome = asyncio.run(_happen(plan, folder))
        if not outcome.findings.is_clean:
            _keep_logs(folder)
    sys.stdout.writelines(f"{example}\n" for example in outcome.findings.examples)
    sys.stdout.write(last_line(plan, outcome, time.monotonic() - began) + "\n")
    return 0 if outcome.findings.is_clean else 1


async def _happen(plan: Plan, folder: Path) -> Outcome:
    node = Node.create()
    try:
        await asyncio.to_thread(node.start)
        async with a_fleet(folder, node, DATABASES) as fleet:
            await _open_for_business(fleet)
            async with a_client(fleet.gateway_url) as http:
                return await run(fleet, plan, _progress, Crowd(http, fleet.secrets.admin_password))
    finally:
        await asyncio.to_thread(node.discard)


async def _open_for_business(fleet: Fleet) -> None:
    """All replicas, and a first tenant with its admin."""
    _progress("starting the fleet")
    await admit_operator(fleet.databases["auth"], OPERATOR_EMAIL, fleet.secrets.operator_password)
    fleet.add(REPLICAS)
    await fleet.ready()
    await seed(fleet.gateway_url, fleet.mailbox, fleet.secrets)


def _progress(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _keep_logs(folder: Path) -> None:
    """For whoever wants to know why."""
    kept = Path(tempfile.mkdtemp(prefix="sparknode-chaos-"))
    for log in folder.glob("*.log"):
        shutil.copy(log, kept)
    sys.stdout.write(f"the logs are in {kept}\n")


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbits(32))
    parser.add_argument("--events", type=int, default=4000)
    parser.add_argument("--faults", type=int, default=40)
    parser.add_argument("--schedule", action="store_true", help="only show which faults these are")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
