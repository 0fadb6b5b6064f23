"""What may become of a published schema: it may gain optional fields, and nothing else.

That is stricter than what one reader would forgive, because there are always two: an old consumer meets new events
while a release rolls out, and a new consumer meets old events in an outbox, a queue or a dead letter. So a field
neither becomes required nor stops being it, and an enum neither loses a value nor gains one.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]
"""A JSON schema without references."""

_FOR_PEOPLE = frozenset({"title", "description", "examples"})
_VALUES = frozenset({"default", "const"})
_IN_ANY_ORDER = frozenset({"required", "enum", "anyOf"})


def binding_form(schema: Schema) -> dict[str, Any]:
    """What of ``schema`` others rely on: without the words for people, and in one order."""
    return {keyword: _bound(keyword, schema[keyword]) for keyword in sorted(schema) if keyword not in _FOR_PEOPLE}


def _bound(keyword: str, value: Any) -> Any:
    if keyword == "properties":  # here the keys are fields, one of which may well be called title
        return {name: binding_form(value[name]) for name in sorted(value)}
    if keyword in _VALUES:
        return value
    if isinstance(value, Mapping):
        return binding_form(value)
    if isinstance(value, list):
        members = [binding_form(member) if isinstance(member, Mapping) else member for member in value]
        return sorted(members, key=_written) if keyword in _IN_ANY_ORDER else members
    return value


def breaks(published: Schema, current: Schema, field: str = "") -> Iterator[str]:
    """What those would stumble over who rely on ``published``, in sentences. Both schemas are in binding form."""
    if published.get("type") != current.get("type"):
        yield f"{_name(field)} was {_written(published)}, and is {_written(current)}."
        return
    for keyword in sorted({*published, *current}):
        match keyword, published.get(keyword), current.get(keyword):
            case "properties", Mapping() as before, Mapping() as after:
                yield from _fields(before, after, field)
            case "required", _, _:
                yield from _required(published, current, field)
            case "items", Mapping() as before, Mapping() as after:
                yield from breaks(before, after, f"{field}[]")
            case "enum", list() as before, list() as after:
                yield from _values(before, after, field)
            case _ if _keyword(published, keyword) != _keyword(current, keyword):
                was, is_ = _keyword(published, keyword), _keyword(current, keyword)
                yield f"{_name(field)}: {keyword} was {was}, and is {is_}."


def _fields(before: Mapping[str, Schema], after: Mapping[str, Schema], field: str) -> Iterator[str]:
    for name, schema in before.items():
        if name in after:
            yield from breaks(schema, after[name], _inside(field, name))
        else:
            yield f"{_name(_inside(field, name))} is gone."


def _required(published: Schema, current: Schema, field: str) -> Iterator[str]:
    before, after = set(published.get("required", ())), set(current.get("required", ()))
    for name in sorted(after - before):
        known = name in published.get("properties", {})
        yield f"{_name(_inside(field, name))} {'has become' if known else 'is new and'} required."
    for name in sorted(before - after):
        if name in current.get("properties", {}):
            yield f"{_name(_inside(field, name))} is required no longer: who reads it may find it missing."


def _values(before: list[Any], after: list[Any], field: str) -> Iterator[str]:
    for value in before:
        if value not in after:
            yield f"{_name(field)} can be {_written(value)} no longer."
    for value in after:
        if value not in before:
            yield f"{_name(field)} can be {_written(value)} now, which older consumers refuse."


def _keyword(schema: Schema, keyword: str) -> str:
    return _written(schema[keyword]) if keyword in schema else "absent"


def _inside(field: str, name: str) -> str:
    return f"{field}.{name}" if field else name


def _name(field: str) -> str:
    return f"`{field}`" if field else "The event"


def _written(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
