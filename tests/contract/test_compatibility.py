"""Published schemas may gain optional fields, and nothing else."""

from typing import Any

import pytest

from tests.contract.compatibility import Schema, binding_form, breaks

PERSON: Schema = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "role": {"type": "string", "enum": ["admin", "member"]},
        "nickname": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
        "home": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 10}},
    },
    "required": ["id", "role", "home", "tags"],
    "x-subject": "id",
}


def judged(current: Schema, published: Schema = PERSON) -> list[str]:
    return list(breaks(binding_form(published), binding_form(current)))


def person(required: list[str] | None = None, **fields: Schema | None) -> dict[str, Any]:
    """``PERSON`` with other fields; without those that are ``None``."""
    properties = {name: field for name, field in {**PERSON["properties"], **fields}.items() if field is not None}
    return {**PERSON, "properties": properties, "required": required or PERSON["required"]}


HOME, TAGS = PERSON["properties"]["home"], PERSON["properties"]["tags"]
TEXT: Schema = {"type": "string"}

FORGIVEN = {
    "nothing changed": person(),
    "a new optional field": person(team={"type": "string", "default": ""}),
    "a new optional field of a part": person(home={**HOME, "properties": {"city": TEXT, "street": TEXT}}),
    "other words": person(id={"type": "string", "format": "uuid", "title": "Id", "description": "Who."}),
    "another order": {**dict(reversed(list(PERSON.items()))), "required": ["tags", "home", "role", "id"]},
    "another order of values": person(role={"type": "string", "enum": ["member", "admin"]}),
    "another order of choices": person(nickname={"anyOf": [{"type": "null"}, TEXT], "default": None}),
}


@pytest.mark.parametrize("current", FORGIVEN.values(), ids=FORGIVEN)
def test_nobody_stumbles_over(current: Schema) -> None:
    assert judged(current) == []


BROKEN: dict[str, tuple[Schema, str]] = {
    "an optional field is lost": (person(nickname=None), "`nickname` is gone."),
    "a required field is lost": (person(["id", "home", "tags"], role=None), "`role` is gone."),
    "an optional field becomes required": (
        person(["id", "role", "home", "tags", "nickname"]),
        "`nickname` has become required.",
    ),
    "a required field becomes optional": (
        person(["id", "role", "home"]),
        "`tags` is required no longer: who reads it may find it missing.",
    ),
    "a new field is required": (
        person(["id", "role", "home", "tags", "team"], team=TEXT),
        "`team` is new and required.",
    ),
    "another type": (
        person(id={"type": "integer"}),
        '`id` was {"format": "uuid", "type": "string"}, and is {"type": "integer"}.',
    ),
    "another format": (person(id={"type": "string"}), '`id`: format was "uuid", and is absent.'),
    "a narrower enum": (
        person(role={"type": "string", "enum": ["admin"]}),
        '`role` can be "member" no longer.',
    ),
    "a wider enum": (
        person(role={"type": "string", "enum": ["admin", "guest", "member"]}),
        '`role` can be "guest" now, which older consumers refuse.',
    ),
    "a text becomes an enum": (
        person(home={**HOME, "properties": {"city": {"type": "string", "enum": ["Rome"]}}}),
        '`home.city`: enum was absent, and is ["Rome"].',
    ),
    "null is no longer allowed": (
        person(nickname={"anyOf": [TEXT], "default": None}),
        '`nickname`: anyOf was [{"type": "null"}, {"type": "string"}], and is [{"type": "string"}].',
    ),
    "another default": (
        person(nickname={"anyOf": [TEXT, {"type": "null"}], "default": "X"}),
        '`nickname`: default was null, and is "X".',
    ),
    "no default any more": (
        person(nickname={"anyOf": [TEXT, {"type": "null"}]}),
        "`nickname`: default was null, and is absent.",
    ),
    "a tighter limit": (
        person(tags={**TAGS, "items": {"type": "string", "maxLength": 5}}),
        "`tags[]`: maxLength was 10, and is 5.",
    ),
    "a part loses a field": (person(home={**HOME, "properties": {}, "required": []}), "`home.city` is gone."),
    "unknown fields are refused": ({**PERSON, "additionalProperties": False}, "additionalProperties"),
    "another subject": ({**PERSON, "x-subject": "home"}, 'The event: x-subject was "id", and is "home".'),
}


@pytest.mark.parametrize(("current", "sentence"), BROKEN.values(), ids=BROKEN)
def test_somebody_stumbles_over(current: Schema, sentence: str) -> None:
    [found] = judged(current)
    assert sentence in found


def test_every_break_is_named() -> None:
    changed = person(["id", "role", "home"], nickname=None, role=TEXT)
    assert len(judged(changed)) == 3


def test_a_field_may_be_called_like_a_keyword() -> None:
    titled: Schema = {"type": "object", "properties": {"title": TEXT, "description": TEXT}}
    without: Schema = {"type": "object", "properties": {"description": TEXT}}
    assert judged(without, titled) == ["`title` is gone."]


def test_a_default_is_taken_as_it_is() -> None:
    assert binding_form({"default": {"title": "b", "a": [2, 1]}}) == {"default": {"title": "b", "a": [2, 1]}}
