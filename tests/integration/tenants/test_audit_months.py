"""The audit trail by months: made ahead, dropped when they are old, and nothing lost in between."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from services.tenants.use_cases.keep_audit_trail import KeepAuditTrail
from shared.clock import utc_now
from tests.integration.tenants.desk import Desk
from tests.integration.tenants.test_audit import envelope, hear, items, left

REST = "audit_events_rest"
MAY = datetime(2031, 5, 15, tzinfo=UTC)
RETENTION = timedelta(days=60)


@dataclass
class StandingClock:
    """A clock that a test sets."""

    now: datetime = MAY

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def keep(desk: Desk, clock: StandingClock) -> KeepAuditTrail:
    return KeepAuditTrail(desk.database, clock, RETENTION)


async def where(desk: Desk) -> list[str]:
    """In which partitions there are events, oldest first."""
    rows = await desk.rows("SELECT tableoid::regclass::text AS name FROM audit_events ORDER BY occurred_at")
    return [row["name"] for row in rows]


async def months(desk: Desk) -> set[str]:
    sql = "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'audit_events'::regclass"
    return {row["name"] for row in await desk.rows(sql)}


async def test_a_new_installation_has_room_for_this_month_and_the_next_three(desk: Desk) -> None:
    assert f"audit_events_{utc_now():%Y_%m}" in await months(desk)
    assert len(await months(desk)) == 5  # and the rest


async def test_upkeep_makes_room_ahead_again_and_again(desk: Desk, keep: KeepAuditTrail, clock: StandingClock) -> None:
    await keep()
    await keep()
    clock.now = datetime(2031, 12, 31, 23, 59, tzinfo=UTC)
    await keep()
    made = {f"audit_events_2031_{month:02}" for month in (5, 6, 7, 8, 12)}
    ahead = {f"audit_events_2032_{month:02}" for month in (1, 2, 3)}
    assert ahead | {"audit_events_2031_12"} <= await months(desk)
    assert await months(desk) & made == {"audit_events_2031_12"}  # the others were over long enough ago
    await hear(desk, envelope(left(), datetime(2032, 2, 29, 12, tzinfo=UTC)))
    assert await where(desk) == ["audit_events_2032_02"]


async def test_what_no_month_has_room_for_is_kept_and_read_all_the_same(desk: Desk, keep: KeepAuditTrail) -> None:
    early = envelope(left("Early"), MAY)
    await hear(desk, early)
    await keep()
    await hear(desk, envelope(left("Late"), MAY + timedelta(days=1)), envelope(left("June"), MAY + timedelta(days=31)))
    assert await where(desk) == [REST, REST, "audit_events_2031_06"]
    assert [entry["data"]["name"] for entry in await items(desk)] == ["June", "Late", "Early"]


async def test_a_month_is_dropped_when_all_of_it_is_old_enough(
    desk: Desk, keep: KeepAuditTrail, clock: StandingClock
) -> None:
    await keep()
    old = envelope(left("In the rest"), MAY - timedelta(days=300))
    await hear(desk, old, envelope(left("May"), MAY), envelope(left("June"), MAY + timedelta(days=31)))
    assert await where(desk) == [REST, "audit_events_2031_05", "audit_events_2031_06"]

    clock.now = datetime(2031, 6, 1, tzinfo=UTC) + RETENTION - timedelta(seconds=1)
    await keep()
    assert [entry["data"]["name"] for entry in await items(desk)] == ["June", "May"]

    clock.now += timedelta(seconds=1)
    await keep()
    assert [entry["data"]["name"] for entry in await items(desk)] == ["June"]
    assert "audit_events_2031_05" not in await months(desk)
