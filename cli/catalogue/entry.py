"""What there is to say about one event, from its class and from who listens to it."""

import inspect
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cli.catalogue.schema import event_schema
from shared.contracts.events import Event

Subscriptions = Mapping[str, Collection[type[Event]]]
"""Who listens to what."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One type of event, its publisher, and its listeners by name."""

    event: type[Event]
    publisher: str
    listeners: tuple[str, ...]

    @property
    def type(self) -> str:
        return self.event.type

    @property
    def summary(self) -> str:
        """When it is told, in a sentence."""
        return self.description.partition("\n\n")[0]

    @property
    def description(self) -> str:
        """When it is told, with all that there is to know about it, as Markdown."""
        paragraphs = inspect.cleandoc(self.event.__doc__ or "").replace("``", "`").split("\n\n")
        return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON schema of its data."""
        return event_schema(self.event)

    @property
    def subject(self) -> str:
        """The name of the field that names the subject."""
        return subject_of(self.event)


def entries(publishers: Mapping[str, Collection[type[Event]]], subscriptions: Subscriptions) -> list[Entry]:
    """The catalogue, in the order of ``publishers``."""
    return [
        Entry(event, publisher, tuple(sorted(name for name, wanted in subscriptions.items() if event in wanted)))
        for publisher, events in publishers.items()
        for event in events
    ]


def subject_of(event: type[Event]) -> str:
    """The field that names the subject of ``event``; asked of a specimen, so that the property stays the only truth."""
    ids = {name: UUID(int=number) for number, name in enumerate(event.model_fields)}
    specimen = event.model_construct(None, **ids)
    return next(name for name, value in ids.items() if value == specimen.subject)
