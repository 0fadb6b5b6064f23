"""From when on events are sent again."""

from datetime import UTC, datetime

import pytest

from cli.events.resending import parse_since

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "since"),
    [
        ("90s", datetime(2026, 11, 27, 11, 58, 30, tzinfo=UTC)),
        ("7d", datetime(2026, 11, 20, 12, tzinfo=UTC)),
        ("2026-11-26T02:00:00+02:00", datetime(2026, 11, 26, tzinfo=UTC)),
    ],
)
def test_a_span_and_an_instant_are_read(written: str, since: datetime) -> None:
    assert parse_since(written, NOW) == since


@pytest.mark.parametrize(
    "written", ["", "2w", "-2h", "2026-11-26", "999999999d", "99999999999999d", "0001-01-01T00:00:00+14:00"]
)
def test_what_is_neither_is_refused_with_what_would_be(written: str) -> None:
    with pytest.raises(ValueError, match="Write 30s, 5m, 2h or 7d"):
        parse_since(written, NOW)
