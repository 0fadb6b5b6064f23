"""`GET /internal/revocations`"""

from datetime import datetime, timedelta

from tests.integration.auth.sessions.desk import Desk, caller_of, claims_of, done, problem
from tests.support.callers import an_operator


async def test_a_gateway_learns_which_tokens_are_dead_before_they_expire(desk: Desk) -> None:
    company, other = await desk.tenant("company"), await desk.tenant("other", status="suspended")
    await desk.person("ann@company.com", company)
    ended, _live = await desk.session("ann@company.com"), await desk.session("ann@company.com")
    await desk.post("/api/auth/logout", by=caller_of(ended))
    answer = done(await desk.ask_as_peer("/internal/revocations"))
    assert answer["tenants"] == [str(other)]
    [session] = answer["sessions"]
    assert session["id"] == claims_of(ended)["sid"]
    assert datetime.fromisoformat(session["until"]).timestamp() > claims_of(ended)["exp"]
    [(_, event)] = await desk.told()
    until = datetime.fromisoformat(event["dead_until"])
    assert abs(datetime.fromisoformat(session["until"]) - until) < timedelta(milliseconds=1)


async def test_what_has_expired_need_not_be_remembered(desk: Desk) -> None:
    await desk.person("ann@company.com", await desk.tenant("company"))
    await desk.post("/api/auth/logout", by=caller_of(await desk.session("ann@company.com")))
    desk.clock.ahead = timedelta(minutes=10)
    assert len(done(await desk.ask_as_peer("/internal/revocations"))["sessions"]) == 1
    desk.clock.ahead = timedelta(minutes=12)
    assert done(await desk.ask_as_peer("/internal/revocations"))["sessions"] == []


async def test_only_fellow_services_are_answered(desk: Desk) -> None:
    assert problem(await desk.get("/internal/revocations"))[0] == 401
    assert problem(await desk.get("/internal/revocations", by=an_operator()))[0] == 401
    assert problem(await desk.http.get("/internal/revocations"))[0] == 401
