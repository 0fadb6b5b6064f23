"""Two end the same session at once."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import httpx

from tests.integration.auth.members.staff import change, hired
from tests.integration.auth.sessions.desk import Desk, Json, caller_of, claims_of
from tests.support.connections import waiting

WaysOut = dict[str, Callable[[Json], Awaitable[httpx.Response]]]


async def test_a_session_that_two_end_at_once_is_told_once(desk: Desk, company: UUID) -> None:
    owner, ann = await hired(desk, company, "olga", role="owner"), await hired(desk, company, "ann")
    ways: WaysOut = {
        "on another device": lambda session: desk.delete(
            f"/api/auth/sessions/{claims_of(session)['sid']}", by=caller_of(session)
        ),
        "everywhere": lambda session: desk.delete("/api/auth/sessions", by=caller_of(session)),
        "by a suspension": lambda _: change(desk, owner, ann, status="suspended"),
    }
    for way, end in ways.items():
        session = await desk.session("ann@company.com")
        async with desk.behind.lend() as somebody:
            async with somebody.transaction():
                await somebody.execute("SELECT FROM sessions WHERE id = $1 FOR UPDATE", UUID(claims_of(session)["sid"]))
                leaving = asyncio.ensure_future(desk.post("/api/auth/logout", by=caller_of(session)))
                await waiting(desk.behind, 1)
                ending = asyncio.ensure_future(end(session))
                await waiting(desk.behind, 2)
            assert [(await each).is_success for each in (leaving, ending)] == [True, True], way
        told = [event["session_id"] for _, event in await desk.told()]
        assert told.count(claims_of(session)["sid"]) == 1, way


async def test_of_two_links_that_are_asked_for_at_once_one_is_good(desk: Desk, company: UUID) -> None:
    ann = await desk.person("ann@company.com", company)
    async with desk.behind.lend() as somebody:
        async with somebody.transaction():
            await somebody.execute("SELECT FROM users WHERE id = $1 FOR UPDATE", ann)
            asking = [
                asyncio.ensure_future(desk.post("/api/auth/password/forgot", {"email": "ann@company.com"}))
                for _ in range(2)
            ]
            await waiting(desk.behind, 2)
        await asyncio.gather(*asking)
    assert len(await desk.rows("SELECT FROM one_time_tokens")) == 1
