"""`POST /api/auth/refresh`"""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.auth.domain.sessions import REFRESH_GRACE
from shared.ids import new_token
from tests.integration.auth.sessions.desk import Desk, caller_of, claims_of, done, problem


@pytest.fixture
async def ann(desk: Desk, company: UUID) -> UUID:
    return await desk.person("ann@company.com", company)


async def test_a_session_goes_on_with_new_tokens(desk: Desk, ann: UUID) -> None:
    first = await desk.session("ann@company.com")
    second = done(await desk.refresh(first["refresh_token"]))
    assert set(second) == set(first)
    assert second["refresh_token"] != first["refresh_token"]
    assert claims_of(second)["sid"] == claims_of(first)["sid"]
    assert claims_of(second)["jti"] != claims_of(first)["jti"]
    done(await desk.refresh(second["refresh_token"]))


async def test_new_tokens_say_what_is_true_now(desk: Desk, ann: UUID) -> None:
    first = await desk.session("ann@company.com")
    await desk.rows("UPDATE memberships SET role = 'admin', name = 'Ann Lee' WHERE user_id = $1", ann)
    second = done(await desk.refresh(first["refresh_token"]))
    assert claims_of(second)["role"] == second["user"]["role"] == "admin"
    assert second["user"]["name"] == "Ann Lee"


async def test_a_used_token_ends_its_session_and_only_that(desk: Desk, ann: UUID, company: UUID) -> None:
    first, elsewhere = await desk.session("ann@company.com"), await desk.session("ann@company.com")
    second = done(await desk.refresh(first["refresh_token"]))
    desk.clock.ahead = REFRESH_GRACE
    assert problem(await desk.refresh(first["refresh_token"])) == (401, "refresh_token_reused")
    assert problem(await desk.refresh(second["refresh_token"])) == (401, "invalid_refresh_token")
    [(tenant_id, event)] = await desk.told()
    assert tenant_id == company
    assert event["session_id"] == claims_of(first)["sid"]
    assert event["user_id"] == str(ann)
    assert event["reason"] == "refresh_token_reused"
    done(await desk.refresh(elsewhere["refresh_token"]))  # CVE-2026-55672


async def test_a_session_that_ended_is_told_once_however_often_its_tokens_come(desk: Desk, ann: UUID) -> None:
    first = await desk.session("ann@company.com")
    done(await desk.refresh(first["refresh_token"]))
    desk.clock.ahead = REFRESH_GRACE
    for _ in range(3):
        assert problem(await desk.refresh(first["refresh_token"])) == (401, "refresh_token_reused")
    assert len(await desk.told()) == 1


async def test_what_is_no_token_is_refused(desk: Desk) -> None:
    """CVE-2019-16109"""
    misshapen: list[Any] = ["", None, [], {}, 0, ["a"], "a" * 513]
    for token in misshapen:
        assert (await desk.post("/api/auth/refresh", {"refresh_token": token})).status_code == 422, token
    assert (await desk.post("/api/auth/refresh", {})).status_code == 422


async def test_an_unknown_token_and_other_kinds_of_tokens_are_refused(desk: Desk, ann: UUID) -> None:
    session = await desk.session("ann@company.com")
    for token in (new_token(), session["refresh_token"][:-1] + "-", "\u00fc", "' OR true --"):
        assert problem(await desk.refresh(token)) == (401, "invalid_refresh_token")
    answer = await desk.post("/api/auth/refresh", {"refresh_token": session["access_token"]})
    assert answer.status_code in {401, 422}


async def test_a_session_ends_when_it_was_not_used_for_two_weeks(desk: Desk, ann: UUID) -> None:
    first, second = await desk.session("ann@company.com"), await desk.session("ann@company.com")
    desk.clock.ahead = timedelta(days=14) - timedelta(minutes=1)
    done(await desk.refresh(first["refresh_token"]))
    desk.clock.ahead = timedelta(days=14)
    assert problem(await desk.refresh(second["refresh_token"])) == (401, "invalid_refresh_token")


async def test_a_session_ends_after_thirty_days_however_often_it_is_used(desk: Desk, ann: UUID) -> None:
    session = await desk.session("ann@company.com")
    for day in (10, 20, 29):
        desk.clock.ahead = timedelta(days=day)
        session = done(await desk.refresh(session["refresh_token"]))
    desk.clock.ahead = timedelta(days=30)
    assert problem(await desk.refresh(session["refresh_token"])) == (401, "invalid_refresh_token")


async def test_a_suspended_tenant_refuses_and_goes_on_when_it_is_resumed(desk: Desk, ann: UUID, company: UUID) -> None:
    """CVE-2024-47060"""
    session = await desk.session("ann@company.com")
    await desk.suspend(company)
    assert problem(await desk.refresh(session["refresh_token"])) == (403, "tenant_suspended")
    await desk.suspend(company, status="active")
    done(await desk.refresh(session["refresh_token"]))


@pytest.mark.parametrize(("status", "code"), [("suspended", "membership_suspended"), ("pending", "approval_required")])
async def test_who_is_no_longer_admitted_is_refused(desk: Desk, ann: UUID, status: str, code: str) -> None:
    """GHSA-2vg6-77g8-24mp"""
    session = await desk.session("ann@company.com")
    await desk.rows("UPDATE memberships SET status = $1", status)
    assert problem(await desk.refresh(session["refresh_token"])) == (403, code)


async def test_who_was_removed_is_out(desk: Desk, ann: UUID, company: UUID) -> None:
    """GHSA-2vg6-77g8-24mp"""
    other = await desk.tenant("other")
    await desk.join(ann, other)
    session = await desk.session("ann@company.com", tenant_id=str(other))
    await desk.rows("DELETE FROM memberships WHERE tenant_id = $1", other)
    assert problem(await desk.refresh(session["refresh_token"])) == (401, "invalid_refresh_token")


async def test_a_refresh_and_a_sign_out_at_once_leave_nobody_signed_in(desk: Desk, ann: UUID) -> None:
    for _ in range(5):
        session = await desk.session("ann@company.com")
        refreshed, _out = await asyncio.gather(
            desk.refresh(session["refresh_token"]), desk.post("/api/auth/logout", by=caller_of(session))
        )
        if refreshed.status_code == 200:
            token = refreshed.json()["refresh_token"]
            assert problem(await desk.refresh(token)) == (401, "invalid_refresh_token")
