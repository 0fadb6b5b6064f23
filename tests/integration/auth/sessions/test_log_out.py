"""`POST /api/auth/logout`"""

from dataclasses import replace
from datetime import datetime, timedelta

from shared.ids import new_id
from tests.integration.auth.sessions.desk import Desk, caller_of, claims_of, done, problem


async def test_signing_out_ends_this_session_and_no_other(desk: Desk) -> None:
    company = await desk.tenant("company")
    await desk.person("ann@company.com", company)
    here, elsewhere = await desk.session("ann@company.com"), await desk.session("ann@company.com")
    answer = await desk.post("/api/auth/logout", by=caller_of(here))
    assert (answer.status_code, answer.content) == (204, b"")
    assert problem(await desk.refresh(here["refresh_token"])) == (401, "invalid_refresh_token")
    done(await desk.refresh(elsewhere["refresh_token"]))


async def test_the_gateways_are_told_until_when_to_refuse_the_access_tokens(desk: Desk) -> None:
    company = await desk.tenant("company")
    await desk.person("ann@company.com", company)
    session = await desk.session("ann@company.com")
    await desk.post("/api/auth/logout", by=caller_of(session))
    [(tenant_id, event)] = await desk.told()
    assert tenant_id == company
    assert event["session_id"] == claims_of(session)["sid"]
    assert event["reason"] == "signed_out"
    assert datetime.fromisoformat(event["dead_until"]) > desk.clock() + timedelta(minutes=9)
    assert datetime.fromisoformat(event["dead_until"]).timestamp() > claims_of(session)["exp"]


async def test_signing_out_twice_is_a_success_and_told_once(desk: Desk) -> None:
    await desk.person("ann@company.com", await desk.tenant("company"))
    caller = caller_of(await desk.session("ann@company.com"))
    for _ in range(3):
        assert (await desk.post("/api/auth/logout", by=caller)).status_code == 204
    assert len(await desk.told()) == 1


async def test_nobody_ends_the_session_of_somebody_else(desk: Desk) -> None:
    company = await desk.tenant("company")
    await desk.person("ann@company.com", company)
    await desk.person("eve@company.com", company)
    ann, eve = await desk.session("ann@company.com"), await desk.session("eve@company.com")
    forged = replace(caller_of(eve), session_id=caller_of(ann).session_id)
    assert (await desk.post("/api/auth/logout", by=forged)).status_code == 204
    done(await desk.refresh(ann["refresh_token"]))
    assert not await desk.told()


async def test_signing_out_takes_a_session(desk: Desk) -> None:
    await desk.person("ann@company.com", await desk.tenant("company"))
    caller = caller_of(await desk.session("ann@company.com"))
    assert problem(await desk.post("/api/auth/logout"))[0] == 401
    with_key = replace(caller, session_id=None, key_id=new_id())
    assert problem(await desk.post("/api/auth/logout", by=with_key)) == (403, "forbidden")
