"""`GET /api/auth/sessions`, `DELETE /api/auth/sessions/{id}`, `DELETE /api/auth/sessions`"""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from services.auth.domain.sessions import MOST_AT_ONCE
from services.auth.repository.sessions import LOCK_LIVE_IN
from shared.ids import new_id
from tests.integration.auth.sessions.desk import Desk, Json, caller_of, claims_of, done, problem
from tests.support.connections import connected
from tests.support.databases import DatabaseUrls

PATH = "/api/auth/sessions"
_COPY = """
    INSERT INTO sessions (id, tenant_id, user_id, created_at, last_used_at, expires_at, agent, address)
    SELECT unnest($2::uuid[]), tenant_id, user_id, created_at, last_used_at, expires_at, '', ''
      FROM sessions WHERE id = $1
"""
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"


@pytest.fixture
async def ann(desk: Desk, company: UUID) -> UUID:
    return await desk.person("ann@company.com", company)


async def listed(desk: Desk, session: Json) -> list[Json]:
    """The sessions that somebody sees."""
    items: list[Json] = done(await desk.get(PATH, by=caller_of(session)))["items"]
    return items


async def end(desk: Desk, session: Json, session_id: str) -> httpx.Response:
    return await desk.delete(f"{PATH}/{session_id}", by=caller_of(session))


def id_of(session: Json) -> str:
    return str(claims_of(session)["sid"])


async def is_live(desk: Desk, session: Json) -> bool:
    return (await desk.refresh(session["refresh_token"])).status_code == 200


async def test_a_person_sees_where_they_are_signed_in(desk: Desk, ann: UUID, company: UUID) -> None:
    headers = desk.headers() | {"User-Agent": FIREFOX, "X-Client-Address": "192.0.2.7"}
    body = {"email": "ann@company.com", "password": "velvet-otter-41"}
    first = done(await desk.http.post("/api/auth/login", json=body, headers=headers))
    second = await desk.session("ann@company.com")
    newest, oldest = await listed(desk, second)
    assert (newest["id"], newest["current"]) == (id_of(second), True)
    assert oldest.pop("created_at") == oldest.pop("last_used_at")
    assert oldest.pop("expires_at")
    assert oldest == {
        "id": id_of(first),
        "device": "Firefox on Linux",
        "address": "192.0.2.7",
        "current": False,
        "tenant": {"id": str(company), "slug": "company", "name": "Company"},
    }


async def test_those_in_all_tenants_are_listed_and_those_of_nobody_else(desk: Desk, ann: UUID, company: UUID) -> None:
    """CVE-2026-105209"""
    other = await desk.tenant("other")
    await desk.join(ann, other)
    await desk.person("eve@company.com", company)
    here, there = await desk.session("ann@company.com"), await desk.session("ann@company.com", tenant_id=str(other))
    eve = await desk.session("eve@company.com")
    assert [each["id"] for each in await listed(desk, here)] == [id_of(there), id_of(here)]
    assert [each["tenant"]["slug"] for each in await listed(desk, there)] == ["other", "company"]
    assert [each["id"] for each in await listed(desk, eve)] == [id_of(eve)]


async def test_what_is_over_is_not_listed(desk: Desk, ann: UUID) -> None:
    ended, idle = await desk.session("ann@company.com"), await desk.session("ann@company.com")
    await desk.post("/api/auth/logout", by=caller_of(ended))
    desk.clock.ahead = timedelta(days=14)
    live = await desk.session("ann@company.com")
    assert [each["id"] for each in await listed(desk, live)] == [id_of(live)]
    assert not await is_live(desk, idle)


@pytest.mark.parametrize("setting", ["session_days", "session_idle_days"])
async def test_what_is_over_for_its_tenant_is_neither_listed_nor_refreshed(
    desk: Desk, ann: UUID, company: UUID, setting: str
) -> None:
    other = await desk.tenant("other")
    await desk.join(ann, other)
    strict = await desk.session("ann@company.com", tenant_id=str(other))
    patient = await desk.session("ann@company.com")
    await desk.rows("UPDATE tenants SET settings = jsonb_build_object($2::text, 2) WHERE id = $1", other, setting)
    desk.clock.ahead = timedelta(days=2) - timedelta(minutes=1)
    assert [each["id"] for each in await listed(desk, patient)] == [id_of(patient), id_of(strict)]
    desk.clock.ahead = timedelta(days=2)
    assert [each["id"] for each in await listed(desk, patient)] == [id_of(patient)]
    assert problem(await desk.refresh(strict["refresh_token"])) == (401, "invalid_refresh_token")
    assert await is_live(desk, patient)


async def test_the_list_goes_on_page_by_page(desk: Desk, ann: UUID, company: UUID) -> None:
    sessions = [await desk.session("ann@company.com") for _ in range(5)]
    by, cursor, seen = caller_of(sessions[0]), None, []
    for expected in (2, 2, 1):
        page = done(await desk.get(PATH, by=by, limit=2, **({"cursor": cursor} if cursor else {})))
        cursor = page["next_cursor"]
        seen += [each["id"] for each in page["items"]]
        assert len(page["items"]) == expected
    assert cursor is None
    assert seen == [id_of(session) for session in reversed(sessions)]


async def test_a_cursor_of_somebody_else_is_refused(desk: Desk, ann: UUID, company: UUID) -> None:
    """CVE-2026-33503"""
    await desk.person("eve@company.com", company)
    _, newer, eve = [await desk.session(f"{name}@company.com") for name in ("ann", "ann", "eve")]
    cursor = done(await desk.get(PATH, by=caller_of(newer), limit=1))["next_cursor"]
    assert problem(await desk.get(PATH, by=caller_of(eve), limit=1, cursor=cursor)) == (400, "invalid_cursor")


async def test_one_device_is_signed_out_and_the_gateways_are_told(desk: Desk, ann: UUID, company: UUID) -> None:
    here, lost = await desk.session("ann@company.com"), await desk.session("ann@company.com")
    for _ in range(2):
        assert (await end(desk, here, id_of(lost))).status_code == 204
    assert not await is_live(desk, lost)
    assert await is_live(desk, here)
    [(tenant_id, event)] = await desk.told()
    assert (tenant_id, event["session_id"], event["reason"]) == (company, id_of(lost), "signed_out")


async def test_a_session_in_another_tenant_is_ended_and_told_there(desk: Desk, ann: UUID, company: UUID) -> None:
    other = await desk.tenant("other")
    await desk.join(ann, other)
    here, there = await desk.session("ann@company.com"), await desk.session("ann@company.com", tenant_id=str(other))
    assert (await end(desk, here, id_of(there))).status_code == 204
    assert [tenant_id for tenant_id, _ in await desk.told()] == [other]
    assert not await is_live(desk, there)


async def test_the_session_of_somebody_else_is_not_there(desk: Desk, ann: UUID, company: UUID) -> None:
    await desk.person("eve@company.com", company, role="owner")
    session, eve = await desk.session("ann@company.com"), await desk.session("eve@company.com")
    assert problem(await end(desk, eve, id_of(session))) == (404, "session_not_found")
    assert problem(await end(desk, eve, str(new_id()))) == (404, "session_not_found")
    assert await is_live(desk, session)


async def test_signing_out_everywhere_ends_all_sessions_in_all_tenants(desk: Desk, ann: UUID) -> None:
    other = await desk.tenant("other")
    await desk.join(ann, other)
    sessions = [await desk.session("ann@company.com", tenant_id=str(other)), await desk.session("ann@company.com")]
    for _ in range(2):
        assert (await desk.delete(PATH, by=caller_of(sessions[0]))).status_code == 204
    assert [await is_live(desk, session) for session in sessions] == [False, False]
    assert {event["session_id"] for _, event in await desk.told()} == {id_of(session) for session in sessions}
    assert len(await desk.told()) == 2


async def test_signing_out_everywhere_reaches_tokens_that_outlive_their_session(
    desk: Desk, ann: UUID, company: UUID
) -> None:
    session = await desk.session("ann@company.com")
    await desk.rows("UPDATE sessions SET expires_at = now()")
    assert (await desk.delete(PATH, by=caller_of(session))).status_code == 204
    assert [event["session_id"] for _, event in await desk.told()] == [id_of(session)]


async def test_all_but_this_device_can_be_signed_out(desk: Desk, ann: UUID, company: UUID) -> None:
    await desk.person("eve@company.com", company)
    here, elsewhere, eve = [await desk.session(f"{name}@company.com") for name in ("ann", "ann", "eve")]
    assert (await desk.delete(PATH, by=caller_of(here), keep_current="true")).status_code == 204
    assert [await is_live(desk, session) for session in (here, elsewhere, eve)] == [True, False, True]


async def test_of_too_many_sessions_the_oldest_end(desk: Desk, ann: UUID, company: UUID) -> None:
    """So that whatever ends all of them comes to an end itself, and no gateway has to remember them by the thousand."""
    other = await desk.tenant("other")
    await desk.join(ann, other)
    elsewhere, oldest, second = [
        await desk.session("ann@company.com", tenant_id=str(tenant)) for tenant in (other, company, company)
    ]
    await desk.rows(_COPY, UUID(id_of(second)), [new_id() for _ in range(MOST_AT_ONCE - 2)])
    assert await desk.told() == []
    newest = await desk.session("ann@company.com")
    [(tenant_id, event)] = await desk.told()
    assert (tenant_id, event["session_id"], event["reason"]) == (company, id_of(oldest), "too_many_sessions")
    assert [await is_live(desk, each) for each in (elsewhere, oldest, second, newest)] == [True, False, True, True]


async def test_live_sessions_are_found_beside_any_number_of_ended_ones(
    desk: Desk, urls: DatabaseUrls, ann: UUID, company: UUID
) -> None:
    session = UUID(id_of(await desk.session("ann@company.com")))
    await desk.rows(_COPY, session, [new_id() for _ in range(1000)])
    await desk.rows("UPDATE sessions SET revoked_at = now() WHERE id <> $1", session)
    await desk.rows("ANALYZE sessions")
    async with connected(urls.serving) as connection, connection.transaction():
        await connection.execute("SELECT set_config('app.tenant_id', $1, true)", str(company))
        plan = await connection.fetch(f"EXPLAIN {LOCK_LIVE_IN}", company, ann, desk.clock())
    assert "sessions_live_by_user" in str(plan)


async def test_an_api_key_has_no_sessions(desk: Desk, ann: UUID) -> None:
    key = replace(caller_of(await desk.session("ann@company.com")), session_id=None, key_id=new_id())
    assert problem(await desk.get(PATH, by=key)) == (403, "forbidden")
    assert problem(await desk.delete(PATH, by=key)) == (403, "forbidden")
    assert problem(await desk.delete(f"{PATH}/{new_id()}", by=key)) == (403, "forbidden")
