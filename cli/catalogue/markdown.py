"""docs/events.md: the events, for people."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from cli.catalogue.entry import Entry
from cli.catalogue.envelope import ENVELOPE, example

INTRODUCTION = """\
# Events

What the services tell each other. Written by `make fix` from `shared/contracts`, and kept true by a test;
[asyncapi.json](asyncapi.json) says the same to programs, in AsyncAPI 3.0.

- An event is a fact. It is told if, and only if, the change that it reports is committed.
- It comes **at least once**: whoever listens remembers the `id` of what has taken effect.
- The events of one publisher about one **subject** come in order.
- It carries no secret: no password, no token, no link.
- A published type only ever gains optional fields; anything else is a new version beside it. So overlook fields that
  you do not know.

What travels is the event in [an envelope](#the-envelope).
"""

ABOUT_THE_ENVELOPE = """\
## The envelope

Every event travels in a CloudEvents 1.0 envelope, in JSON: `data` holds the fields of the tables above.
`tenantid`, `sequence`, `traceparent` and `actor` are extension attributes.
"""

_FORMATS = {"uuid": "UUID", "date-time": "timestamp"}


def events_page(catalogue: Sequence[Entry]) -> str:
    """The whole page."""
    parts = [INTRODUCTION, _overview(catalogue)]
    for publisher, told in groupby(catalogue, lambda entry: entry.publisher):
        parts += [f"## {publisher}\n", *map(_event, told)]
    parts += [ABOUT_THE_ENVELOPE, _fields(ENVELOPE), f"For example:\n\n```json\n{example()}\n```\n"]
    return "\n".join(parts)


def _overview(catalogue: Iterable[Entry]) -> str:
    rows = ((f"[`{entry.type}`](#{_anchor(entry.type)})", entry.summary, _listeners(entry)) for entry in catalogue)
    return _table(("event", "told when", "heard by"), rows)


def _event(entry: Entry) -> str:
    about = f"Subject: `{entry.subject}`. Heard by: {_listeners(entry)}."
    return "\n".join([f"### `{entry.type}`\n", f"{entry.description}\n", f"{about}\n", _fields(entry.schema)])


def _listeners(entry: Entry) -> str:
    return ", ".join(entry.listeners) or "nobody yet"


def _anchor(heading: str) -> str:
    return "".join(letter for letter in heading.lower() if letter.isalnum() or letter in "-_")


def _fields(schema: Mapping[str, Any]) -> str:
    def rows() -> Iterator[tuple[str, str, str]]:
        for name, field in schema["properties"].items():
            optional = "" if name in schema["required"] else ", optional"
            yield f"`{name}`", _type(field) + optional, field.get("description", "")

    return _table(("field", "type", "meaning"), rows())


def _type(field: Mapping[str, Any]) -> str:
    """What a value looks like, in words."""
    if choices := field.get("anyOf"):
        return " or ".join(_type(choice) for choice in choices)
    if values := field.get("enum"):
        return ", ".join(f"`{value}`" for value in values)
    if "const" in field:
        return f"`{field['const']}`"
    return _FORMATS.get(field.get("format", "")) or str(field["type"])


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
