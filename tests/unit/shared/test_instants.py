"""Times that a client sends."""

from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.http.models import Instant

INSTANT = TypeAdapter[datetime](Instant)


def test_a_time_is_taken_in_utc_whatever_its_offset() -> None:
    taken = INSTANT.validate_python("2030-01-31T12:00:00+05:30")
    assert (taken, taken.tzinfo) == (datetime(2030, 1, 31, 6, 30, tzinfo=UTC), UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2030-01-31",
        "2030-01-31T12:00:00",
        "1767225600",
        # There, UTC has no year for it.
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
    ],
)
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        INSTANT.validate_python(text)
