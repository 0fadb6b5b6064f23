"""The documents about the events are true, whole, and what they claim to be."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator, FormatChecker  # type: ignore[import-untyped] # it ships no types

from cli.catalogue.asyncapi import document
from cli.catalogue.entry import entries
from cli.catalogue.envelope import ENVELOPE, example
from cli.catalogue.files import contents
from cli.catalogue.markdown import events_page
from cli.main import main
from shared.contracts.events import Event
from shared.contracts.publishers import PUBLISHERS
from shared.contracts.tenants import TenantCreated
from tests.contract.made_events import EVENTS, any_event, in_an_envelope

DOCS = Path(__file__).parents[2] / "docs"

CONTENTS = contents()
PARTS = {"channels", "operations", "components"}
DOCUMENT = json.loads(CONTENTS["asyncapi.json"])


@pytest.mark.parametrize("name", CONTENTS)
def test_a_document_is_what_the_code_says(name: str) -> None:
    assert (DOCS / name).read_text() == CONTENTS[name], "Run `make fix`."


def test_the_command_writes_them(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="0"):
        main("event-catalogue", str(tmp_path))
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == CONTENTS


def test_it_is_asyncapi() -> None:
    """The required members of AsyncAPI 3.0.0, and no others at the top."""
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= DOCUMENT["info"].keys()
    assert DOCUMENT.keys() <= {"asyncapi", "id", "info", "defaultContentType", "servers"} | PARTS
    for channel in DOCUMENT["channels"].values():
        assert channel["messages"]
    for operation in DOCUMENT["operations"].values():
        assert operation["action"] in ("send", "receive")
        assert operation["channel"]["$ref"].startswith("#/channels/")
        assert all(message["$ref"].startswith("#/channels/") for message in operation["messages"])


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"]
        for inner in part.values():
            yield from references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from references(inner)


def test_every_reference_leads_somewhere() -> None:
    for reference in references(DOCUMENT):
        found = DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]


def test_every_event_has_a_channel_and_a_teller() -> None:
    assert list(DOCUMENT["channels"]) == [event.type for event in EVENTS]
    tellers = [operation for operation in DOCUMENT["operations"].values() if operation["action"] == "send"]
    assert len(tellers) == len(EVENTS)


def test_who_listens_is_told() -> None:
    catalogue = entries(PUBLISHERS, {"post": {TenantCreated}, "garden": {TenantCreated}})
    operations = document(catalogue)["operations"]
    hearing = {name for name, operation in operations.items() if operation["action"] == "receive"}
    assert hearing == {f"post.hears.{TenantCreated.type}", f"garden.hears.{TenantCreated.type}"}
    assert "Heard by: garden, post." in events_page(catalogue)


def fits(message: Any, event_type: str) -> None:
    schema = {"$ref": f"#/components/messages/{event_type}/payload", "components": DOCUMENT["components"]}
    Draft7Validator(schema, format_checker=FormatChecker()).validate(message)


@given(st.deferred(any_event))
def test_what_travels_is_what_the_document_says(event: Event) -> None:
    fits(json.loads(in_an_envelope(event).to_json()), event.type)


def test_the_example_is_one() -> None:
    told = json.loads(example())
    fits(told, told["type"])
    assert told.keys() == ENVELOPE["properties"].keys()


def test_the_envelope_is_described_as_it_is_written() -> None:
    assert set(ENVELOPE["required"]) == ENVELOPE["properties"].keys() - {"traceparent", "actor"}


def test_every_field_is_in_the_page() -> None:
    page = CONTENTS["events.md"]
    for event in EVENTS:
        assert f"### `{event.type}`" in page
        for name in event.model_fields:
            assert f"| `{name}` |" in page
