"""`sparknode events dead-letters`: events that a service could not take, and what to do about them."""

from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Annotated, Any

import typer

from cli.connection import AsJson
from cli.events.asking import Services, Types, ask
from cli.events.dead_letters import Outcome, Wanted, discarded, found, replayed
from cli.events.subject import Subject, subjects
from cli.output import show, show_table
from cli.processes import Service
from shared.process import CannotStart

COLUMNS = ("parked_at", "service", "type", "id", "deliveries", "place", "reason")
OUTCOME_COLUMNS = ("service", "type", "id", "outcome")

Ids = Annotated[list[str] | None, typer.Argument(help="The ids of the events, as `list` shows them.")]
All = Annotated[bool, typer.Option("--all", help="All of them; --service and --type narrow it.")]
Act = Callable[[Subject, Wanted], AsyncGenerator[Outcome]]

dead_letters = typer.Typer(help="Events that a service could not take.", no_args_is_help=True)


@dead_letters.command("list")
def list_dead_letters(
    service: Services = None,
    kind: Types = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The most to show.")] = 200,
    as_json: AsJson = False,
) -> None:
    """The dead letters of each service, oldest first, and why they are there. Looking changes nothing."""
    wanted = Wanted(types=frozenset(kind or ()))
    summaries = ask(lambda: _looked_through(service or [], wanted, limit + 1, whole=False))
    shown = summaries[:limit]
    if as_json:
        show(shown)
    else:
        show_table(shown, COLUMNS, none="There is no dead letter.")
    if len(summaries) > limit:
        typer.echo(f"There are more than these {limit}: --limit, --service and --type.", err=True)


@dead_letters.command("show")
def show_dead_letter(
    event_id: Annotated[str, typer.Argument(help="The id of the event, as `list` shows it.")], service: Services = None
) -> None:
    """Everything about one dead letter, the event itself included, as JSON: one entry for each service that has it."""
    wanted = Wanted(ids=frozenset({event_id}))
    letters = ask(lambda: _looked_through(service or [], wanted, None, whole=True))
    _require({event_id}, {letter["id"] for letter in letters})
    show(letters)


@dead_letters.command("replay")
def replay_dead_letters(
    ids: Ids = None, every: All = False, service: Services = None, kind: Types = None, as_json: AsJson = False
) -> None:
    """Give dead letters back to the service that put them aside, and to no other.

    Mend what made them fail first. What fails again becomes a dead letter again.
    """
    wanted = _wanted(ids, kind, every=every)
    _tell(ask(lambda: _done(service or [], wanted, replayed)), wanted, "given back", as_json=as_json)


@dead_letters.command("discard")
def discard_dead_letters(
    ids: Ids = None,
    every: All = False,
    service: Services = None,
    kind: Types = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove dead letters for good: what they tell of will never take effect there."""
    wanted = _wanted(ids, kind, every=every)
    if not yes:
        _confirm(ask(lambda: _looked_through(service or [], wanted, None, whole=False)))
    _tell(ask(lambda: _done(service or [], wanted, discarded)), wanted, "discarded", as_json=as_json)


def _confirm(letters: Sequence[dict[str, Any]]) -> None:
    if not letters:
        return
    piles = Counter(letter["service"] for letter in letters)
    told = ", ".join(f"{count} of {service}" for service, count in piles.items())
    what = "1 dead letter" if len(letters) == 1 else f"{len(letters)} dead letters"
    typer.confirm(f"Discard {what} for good ({told})?", abort=True, err=True)


def _wanted(ids: Sequence[str] | None, kinds: Sequence[str] | None, *, every: bool) -> Wanted:
    if bool(ids) == every:
        raise CannotStart("Name dead letters by their ids, or say --all.")
    return Wanted(frozenset(ids or ()), frozenset(kinds or ()))


async def _looked_through(
    services: Sequence[Service], wanted: Wanted, most: int | None, *, whole: bool
) -> list[dict[str, Any]]:
    letters: list[dict[str, Any]] = []
    async with subjects(services) as opened:
        for subject in (each for each in opened if each.listens):
            async with aclosing(found(subject, wanted)) as matching:
                async for letter in matching:
                    letters.append(letter.whole() if whole else letter.summary())
                    if len(letters) == most:
                        return letters
    return letters


async def _done(services: Sequence[Service], wanted: Wanted, act: Act) -> list[Outcome]:
    async with subjects(services) as opened:
        return [outcome for each in opened if each.listens async for outcome in act(each, wanted)]


def _tell(outcomes: Sequence[Outcome], wanted: Wanted, done: str, *, as_json: bool) -> None:
    lines = [
        {**each.letter.summary(), "outcome": f"still fails: {each.failed}" if each.failed else done}
        for each in outcomes
    ]
    if as_json:
        show(lines)
    elif lines or not wanted.ids:
        show_table(lines, OUTCOME_COLUMNS, none="There is no such dead letter.")
    _require(wanted.ids, {each.letter.id for each in outcomes})
    if any(each.failed for each in outcomes):
        raise typer.Exit(1)


def _require(wanted: frozenset[str] | set[str], seen: set[str]) -> None:
    if missing := sorted(wanted - seen):
        raise CannotStart(f"There is no dead letter {', '.join(missing)}.")
