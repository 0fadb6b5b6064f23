"""Every event keeps what its base class promises, and survives the journey."""

import inspect
import pkgutil
import re
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.catalogue.entry import subject_of
from cli.catalogue.schema import event_schema
from shared import contracts
from shared.contracts.events import Event, published
from shared.contracts.publishers import PUBLISHERS
from shared.messaging.envelope import Envelope
from tests.contract.made_events import EVENTS, any_event, in_an_envelope

each_event = pytest.mark.parametrize("event", [pytest.param(event, id=event.type) for event in EVENTS])


def test_no_event_is_forgotten() -> None:
    for module in pkgutil.iter_modules(contracts.__path__, f"{contracts.__name__}."):
        import_module(module.name)
    ours = [event for event in published() if event.__module__.startswith(contracts.__name__)]
    assert set(ours) == set(EVENTS)
    assert len({event.type for event in ours}) == len(ours)


@pytest.mark.parametrize("publisher", PUBLISHERS)
def test_a_type_names_publisher_subject_deed_and_version(publisher: str) -> None:
    for event in PUBLISHERS[publisher]:
        assert re.fullmatch(rf"{publisher}\.[a-z_]+\.[a-z_]+\.v[1-9]", event.type)


@each_event
def test_an_event_says_what_it_means(event: type[Event]) -> None:
    assert inspect.cleandoc(event.__doc__ or "").endswith(".")
    for name, field in event.model_fields.items():
        assert (field.description or "").endswith("."), name


@each_event
def test_an_event_is_frozen(event: type[Event]) -> None:
    assert event.model_config["frozen"]
    assert event.model_config["extra"] == "ignore"


@each_event
def test_the_subject_is_always_there(event: type[Event]) -> None:
    assert subject_of(event) in event_schema(event)["required"]


@given(st.deferred(any_event), st.dictionaries(st.text(), st.text(), max_size=2))
def test_every_event_survives_the_journey(event: Event, unknown: dict[str, Any]) -> None:
    arrived = Envelope.from_json(in_an_envelope(event).to_json())
    assert type(event).model_validate(arrived.data) == event
    assert type(event).model_validate(unknown | arrived.data) == event
    assert arrived.subject == event.subject
