"""What an event is: a fact in the past tense, frozen, with a type that is also its routing key."""

from collections.abc import Iterator
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Event(BaseModel):
    """Base of all published facts.

    ``type`` is ``<service>.<subject>.<past verb>.v<n>``. A published type may only gain optional fields, to which
    ``make check`` holds it; anything else is a new version beside it. Consumers ignore members that they do not know.
    No event carries a secret.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: ClassVar[str]

    @property
    def subject(self) -> UUID:
        """The aggregate that the fact is about; events of one subject keep their order."""
        raise NotImplementedError(f"{type(self).__name__} names no subject")


def published(root: type[Event] = Event) -> Iterator[type[Event]]:
    """Every class with a ``type`` of its own among the imported subclasses of ``root``."""
    for child in root.__subclasses__():
        if "type" in child.__dict__:
            yield child
        yield from published(child)
