"""`sparknode events`: whether events flow between the services, and what to do when they do not."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import typer

from cli.commands.dead_letters import dead_letters
from cli.connection import AsJson
from cli.events.asking import Services, Types, ask
from cli.events.reconciling import reconciled
from cli.events.resending import Resent, parse_since, resent
from cli.events.status import ServiceStatus, status_of
from cli.events.subject import subjects
from cli.output import show, show_table
from cli.processes import Service
from shared.clock import utc_now

STATUS_COLUMNS = ("service", "outbox_depth", "outbox_age_seconds", "queue_depth", "queue_consumers", "dead_letters")
RESENT_COLUMNS = ("service", "type", "events", "too_old")
RECONCILE_COLUMNS = ("replica", "key", "drift", "owner", "here", "repaired")

NO_BROKER = "No broker: AMQP_URL is not set. Only `sparknode up` hands events on without, inside its one process."

events = typer.Typer(help="Events between the services. For operators.", no_args_is_help=True)
events.add_typer(dead_letters, name="dead-letters")


@events.command()
def status(service: Services = None, as_json: AsJson = False) -> None:
    """Show what waits in each outbox and queue, and what was put aside. The exit code is 1 when something is amiss."""
    broker, found = ask(lambda: _statuses(service or []))
    if as_json:
        show({"broker": broker, "services": [asdict(each) for each in found]})
    else:
        show_table([asdict(each) for each in found], STATUS_COLUMNS, none="")
        typer.echo(f"\nBroker: {broker}" if broker else f"\n{NO_BROKER}")
        for each in found:
            for line in each.look_at:
                typer.echo(f"{each.service}: {line}")
    if any(each.look_at for each in found):
        raise typer.Exit(1)


@events.command()
def replay(
    since: Annotated[str, typer.Option(help="From when on: 2h, 30m, 7d, or 2026-11-26T02:00:00Z.")],
    service: Services = None,
    kind: Types = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count them.")] = False,
    as_json: AsJson = False,
) -> None:
    """Send events again that a service has published since then. Those who know them let nothing happen.

    It needs that service running. --service is whose events, and not who listens. Outboxes keep what was published for
    OUTBOX_RETENTION_DAYS.
    """
    try:
        start = parse_since(since, utc_now())
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--since") from error
    sent = ask(lambda: _resent(service or [], start, kind or [], dry_run=dry_run))
    if as_json:
        show([asdict(each) for each in sent])
    else:
        show_table([asdict(each) for each in sent], RESENT_COLUMNS, none="Nothing was published since then.")
        count = sum(each.events for each in sent)
        typer.echo(f"\n{count} events would go out again." if dry_run else f"\n{count} events go out again.")


@events.command()
def reconcile(
    service: Services = None,
    apply: Annotated[bool, typer.Option("--apply", help="Repair what differs; otherwise it is only told.")] = False,
    as_json: AsJson = False,
) -> None:
    """Compare what services keep of each other with what its owner has. --service is whose copies.

    The owners have to answer at AUTH_URL and TENANTS_URL. What is on its way as an event shows here as well: look
    twice.
    """
    found = ask(lambda: _reconciled(service or [], apply=apply))
    if as_json:
        show(found)
    else:
        show_table(found, RECONCILE_COLUMNS, none="Every replica has what its owner has.")
    left = [each for each in found if not each["repaired"]]
    if left and apply:
        typer.echo("What was not repaired hangs together with other things; somebody has to look at it.", err=True)
    elif left:
        typer.echo("Nothing was changed. --apply repairs it; tenants that are left over are left alone.", err=True)
    if left:
        raise typer.Exit(1)


async def _statuses(services: Sequence[Service]) -> tuple[str | None, list[ServiceStatus]]:
    async with subjects(services) as opened:
        broker = next((subject.broker_address for subject in opened if subject.broker_address), None)
        return broker, [await status_of(subject) for subject in opened]


async def _resent(services: Sequence[Service], since: datetime, kinds: Sequence[str], *, dry_run: bool) -> list[Resent]:
    async with subjects(services) as opened:
        return [line for subject in opened for line in await resent(subject, since, kinds, dry_run=dry_run)]


async def _reconciled(services: Sequence[Service], *, apply: bool) -> list[dict[str, Any]]:
    return [difference async for difference in reconciled(services, apply=apply)]
