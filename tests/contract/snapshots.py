"""The published schema of every event, kept in ``schemas/``, and what may become of it.

``python -m tests.contract.snapshots`` checks (``make check``); with ``--write`` it records new types and new optional
fields (``make fix``), and nothing that breaks a promise.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.catalogue.entry import subject_of
from cli.catalogue.schema import event_schema
from shared.contracts.events import Event
from shared.contracts.publishers import PUBLISHERS
from tests.contract.compatibility import binding_form, breaks

FOLDER = Path(__file__).with_name("schemas")

_NEW = "has no snapshot yet. Run `make fix` and commit it."
_GREW = "has new optional fields. Run `make fix` and commit the snapshot."
_BROKEN = (
    "is published, and may only gain optional fields. Give a new field a default; for anything else leave {type} as it "
    "is, and add {next} beside it."
)
_GONE = (
    "is published, but no event any more. Bring it back; or, when no outbox, queue or dead letter can hold one and "
    "nobody listens, delete {file}."
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with one type, and what to do about it. ``records`` is the snapshot that would mend it."""

    type: str
    advice: str
    breaks: tuple[str, ...] = ()
    records: dict[str, Any] | None = None

    def __str__(self) -> str:
        return "".join([f"{self.type} {self.advice}\n", *(f"    {sentence}\n" for sentence in self.breaks)])


def findings(events: Iterable[type[Event]], folder: Path = FOLDER) -> Iterator[Finding]:
    """What ``folder`` and ``events`` disagree about."""
    now = {event.type: snapshot_of(event) for event in events}
    for type_, current in now.items():
        yield from _judged(type_, current, _file(folder, type_))
    for file in sorted(folder.glob("*.json")):
        if file.stem not in now:
            yield Finding(file.stem, _GONE.format(file=file.name))


def record(found: Iterable[Finding], folder: Path = FOLDER) -> list[Finding]:
    """Write the snapshots of what is new; what is left is for people."""
    left = []
    for finding in found:
        if finding.records is None:
            left.append(finding)
        else:
            _file(folder, finding.type).write_text(json.dumps(finding.records, indent=2) + "\n")
    return left


def snapshot_of(event: type[Event]) -> dict[str, Any]:
    """What others rely on: the fields, and whose order is kept."""
    return binding_form({**event_schema(event), "x-subject": subject_of(event)})


def _judged(type_: str, current: dict[str, Any], file: Path) -> Iterator[Finding]:
    if not file.exists():
        yield Finding(type_, _NEW, records=current)
        return
    published = json.loads(file.read_text())
    if broken := tuple(breaks(published, current)):
        yield Finding(type_, _BROKEN.format(type=type_, next=_next_version(type_)), broken)
    elif published != current:
        yield Finding(type_, _GREW, records=current)


def _next_version(type_: str) -> str:
    name, _, version = type_.rpartition(".v")
    return f"{name}.v{int(version) + 1}"


def _file(folder: Path, type_: str) -> Path:
    return folder / f"{type_}.json"


def main(*options: str) -> int:
    """Check, or write; 1 when something is left for people."""
    found = list(findings(event for events in PUBLISHERS.values() for event in events))
    left = record(found) if "--write" in options else found
    sys.stderr.writelines(map(str, left))
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
