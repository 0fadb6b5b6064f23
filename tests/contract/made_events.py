"""Every published event, with made-up contents, on its way."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st
from pydantic import AwareDatetime

from shared.contracts.events import Event
from shared.contracts.publishers import PUBLISHERS
from shared.ids import new_id
from shared.messaging.envelope import Envelope

EVENTS = [event for events in PUBLISHERS.values() for event in events]

st.register_type_strategy(AwareDatetime, st.datetimes(timezones=st.just(UTC)))


def any_event() -> st.SearchStrategy[Event]:
    """Any event of any type with any contents."""
    return st.one_of([any_of(event) for event in EVENTS])


def any_of(event: type[Event]) -> st.SearchStrategy[Event]:
    """An ``event`` with any contents that its fields allow."""
    fields: dict[str, Any] = {name: field.annotation for name, field in event.model_fields.items()}
    return st.builds(event, **{name: st.from_type(kind) for name, kind in fields.items()})


def in_an_envelope(event: Event) -> Envelope:
    """As a relay would hand it over."""
    return Envelope(
        id=new_id(),
        source=event.type.partition(".")[0],
        type=event.type,
        subject=event.subject,
        time=datetime.now(UTC),
        tenant_id=new_id(),
        sequence=1,
        data=event.model_dump(mode="json"),
    )
