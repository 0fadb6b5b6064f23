"""Marking what has run out."""

import asyncio
from datetime import timedelta

from structlog.testing import capture_logs

from tests.integration.invitations.company import Company
from tests.integration.invitations.desk import Desk, token_in
from tests.integration.invitations.time import run_until


async def test_what_ran_out_is_marked_and_told_once_in_every_tenant(
    desk: Desk, company: Company, rival: Company
) -> None:
    old = [await desk.invite(each.admin, expires_in_days=1) for each in (company, rival)]
    await desk.invite(company.admin, "young@example.com")
    desk.clock.advance(timedelta(days=1))
    marked = await asyncio.gather(desk.sweep(), desk.sweep())

    assert sum(marked) == 2
    assert await desk.sweep() == 0
    told = await desk.told("expired")
    assert {(event["invitation_id"], event["tenant_id"]) for event in told} == {
        (made["id"], made["tenant_id"]) for made in old
    }
    statuses = await desk.rows("SELECT status FROM invitations ORDER BY expires_at")
    assert [row["status"] for row in statuses] == ["expired", "expired", "pending"]


async def test_a_person_who_came_in_time_is_not_swept_away(desk: Desk, company: Company) -> None:
    made = await desk.invite(company.admin, expires_in_days=1)
    desk.clock.advance(timedelta(days=1) - timedelta(seconds=1))
    await desk.reserve(token_in(made))
    desk.clock.advance(timedelta(seconds=30))
    assert await desk.sweep() == 0

    desk.clock.advance(timedelta(seconds=30))
    assert await desk.sweep() == 1


async def test_the_worker_sweeps_by_itself_and_outlives_an_outage(desk: Desk, company: Company) -> None:
    await desk.invite(company.admin, expires_in_days=1)
    desk.clock.advance(timedelta(days=1))

    async def swept() -> bool:
        return bool(await desk.told("expired"))

    async def failed() -> bool:
        return any(line["event"] == "sweep failed" for line in lines)

    with capture_logs() as lines:
        await desk.rows("ALTER TABLE invitations RENAME TO elsewhere")
        await run_until(desk.sweeper(0.01).run, failed)
        await desk.rows("ALTER TABLE elsewhere RENAME TO invitations")
        await run_until(desk.sweeper(0.01).run, swept)
