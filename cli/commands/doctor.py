"""`sparknode doctor`: what keeps the product from working, and what to do about it."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from cli.connection import AsJson, Url
from cli.doctor.finding import Finding, Outcome
from cli.output import show
from cli.processes import Process
from shared.logs import configure_logs

_SIGNS = {Outcome.OK: "[green]ok[/]     ", Outcome.FAILED: "[bold red]FAILED[/] ", Outcome.SKIPPED: "[dim]skipped[/]"}


def doctor(
    names: Annotated[list[Process] | None, typer.Argument(help="The processes that the environment describes.")] = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Look for what keeps the product from working, and say what to do about it.

    It examines settings, databases, roles, policies, schema, signing keys, broker, key set and clocks: of the processes
    that are named, or of all when the environment has AUTH_DATABASE_URL and so on, or else of what `sparknode up` runs
    in $SPARKNODE_HOME. The exit code is 1 when something is wrong.
    """
    configure_logs("sparknode", level="critical", style="console")
    console = Console(soft_wrap=True, highlight=False)
    findings = asyncio.run(_examined(names or [], url, None if as_json else console))
    if as_json:
        show([asdict(finding) for finding in findings])
    if any(finding.outcome is Outcome.FAILED for finding in findings):
        raise typer.Exit(1)


async def _examined(names: Sequence[str], url: str | None, console: Console | None) -> list[Finding]:
    from cli.doctor.subjects import examine_product  # noqa: PLC0415 - half a second that other commands save

    findings = []
    async for finding in examine_product(names, url):
        findings.append(finding)
        if console:
            _tell(console, finding)
    return findings


def _tell(console: Console, finding: Finding) -> None:
    what = f"{finding.subject} {finding.check}"
    console.print(f"{_SIGNS[finding.outcome]} [bold]{escape(what):<24}[/] {escape(finding.says)}")
