"""What request and response bodies are made of."""

import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, Self, TypeVar, cast
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    Strict,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import core_schema

Timestamp = datetime
"""An instant; RFC 3339 in answers, and in UTC, as all are that come from the clock, the database or an ``Instant``."""


class AsText:
    """For a member of an answer that has many: written as ``str`` has it.

    Pydantic would ask a UUID of the database for each of its parts, and an enum for its value, in Python.
    """

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        written = core_schema.to_string_ser_schema(when_used="json")
        return cast(core_schema.CoreSchema, {**handler(source), "serialization": written})

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(cast(core_schema.CoreSchema, {**schema, "serialization": None}))


Id = Annotated[UUID, AsText()]


def _written_out(value: object) -> object:
    if not isinstance(value, str) or "T" not in value.upper():
        raise ValueError("Write a time like 2030-01-31T12:00:00Z.")
    return value


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("Write a time between the years 1 and 9999, in UTC too.") from None


Instant = Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(_in_utc)]
"""A time in a request: RFC 3339, with its offset. A number is none, though pydantic would count it from 1970."""

Flag = Annotated[bool, Strict()]
"""``true`` or ``false`` in a body; pydantic would take 0, 1, "yes" and "off" as well."""


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


WHOLE = BeforeValidator(_whole)
"""Behind a strict ``int`` with its bounds: ``7.0`` is the number 7 in a body, too, as it is in JSON Schema."""


def _composed(value: object) -> object:
    # Ordering accents takes time by the square of their number; what is that long is refused for its length.
    return unicodedata.normalize("NFC", value) if isinstance(value, str) and len(value) <= _MOST_COMPOSED else value


_MOST_COMPOSED = 1000
COMPOSED = BeforeValidator(_composed)
"""Behind a text with its bounds, of 200 characters or so: in NFC, so that it is found however a keyboard writes it."""


class Body(BaseModel):
    """A request body. Members that it does not name are refused, so that a typing error is never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Query(BaseModel):
    """The query parameters of a route; unknown ones are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class PageQuery(Query):
    """Which part of a list is wanted."""

    limit: int = Field(50, ge=1, le=200, description="The most items to answer with.")
    cursor: str | None = Field(None, description="`next_cursor` of the page before.")


class Answer(BaseModel):
    """A response body: an allow-list of what the outside may see."""

    model_config = ConfigDict(frozen=True)


OF_ATTRIBUTES = ConfigDict(from_attributes=True, strict=True)
"""For an answer that is made of an object's attributes. They have the right types; to try others as well takes pydantic
half as long again."""


A = TypeVar("A", bound=Answer)


class Page(Answer, Generic[A]):
    """One page of a list; ``next_cursor`` is null on the last."""

    items: list[A]
    next_cursor: str | None

    @classmethod
    def of(cls, items: Sequence[object], next_cursor: str | None) -> Self:
        """A page from its parts; the items as they are, or what they can be made of."""
        return cls.model_validate({"items": items, "next_cursor": next_cursor})
