"""Envelopes: what is written is read, and nothing else."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.ids import new_id
from shared.messaging.envelope import Envelope, MalformedEnvelope

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def an_envelope(data: dict[str, Any], traceparent: str | None = None, actor: str | None = None) -> Envelope:
    at = datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)
    return Envelope(new_id(), "auth", "auth.user.registered.v1", new_id(), at, new_id(), 42, data, traceparent, actor)


TRACES = st.none() | st.just("00-" + "a" * 32 + "-" + "b" * 16 + "-01")


ACTORS = st.none() | st.uuids().map(lambda user_id: f"user:{user_id}")


@given(st.dictionaries(st.text(), JSON_VALUES, max_size=4), TRACES, ACTORS)
def test_an_envelope_survives_the_journey(data: dict[str, Any], traceparent: str | None, actor: str | None) -> None:
    envelope = an_envelope(data, traceparent, actor)
    assert Envelope.from_json(envelope.to_json()) == envelope


def test_it_is_a_cloud_event() -> None:
    """CloudEvents 1.0, section 3.1: the required attributes, and extension names of lower-case letters."""
    attributes = json.loads(an_envelope({"a": 1}).to_json())
    assert {"specversion", "id", "source", "type"} <= attributes.keys()
    assert attributes["specversion"] == "1.0"
    assert all(name.isalnum() and name == name.lower() for name in attributes)
    assert not {"traceparent", "actor"} & attributes.keys()


OPTIONAL = {"datacontenttype"}
GOOD = json.loads(an_envelope({"a": 1}).to_json())


MALFORMED = [
    b"",
    b"\xff\xfe",
    b"[]",
    b"null",
    b"7",
    *(json.dumps({k: v for k, v in GOOD.items() if k != name}).encode() for name in sorted(GOOD.keys() - OPTIONAL)),
    json.dumps(GOOD | {"specversion": "0.3"}).encode(),
    json.dumps(GOOD | {"data": "text"}).encode(),
    json.dumps(GOOD | {"tenantid": "x"}).encode(),
    json.dumps(GOOD | {"tenantid": None}).encode(),
    json.dumps(GOOD | {"sequence": "one"}).encode(),
    json.dumps(GOOD | {"time": "yesterday"}).encode(),
    json.dumps(GOOD | {"time": "2026-01-02T03:04:05"}).encode(),
]


@pytest.mark.parametrize("body", MALFORMED, ids=range(len(MALFORMED)))
def test_anything_else_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedEnvelope):
        Envelope.from_json(body)
