"""`"cookie": true`: the refresh token of a browser, where no script can read it."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.integration.auth.sessions.desk import PASSWORD, PUBLIC_URL, Desk, caller_of, done, problem

NAME = "__Secure-sparknode-refresh"
OURS = {"Origin": PUBLIC_URL}
LOG_IN = {"email": "ann@company.com", "password": PASSWORD, "cookie": True}


@pytest.fixture
async def company(desk: Desk) -> UUID:
    tenant_id = await desk.tenant("company")
    await desk.person("ann@company.com", tenant_id)
    return tenant_id


async def ask(desk: Desk, path: str, body: Any, headers: dict[str, str]) -> httpx.Response:
    desk.http.cookies.clear()
    return await desk.http.post(f"/api/auth/{path}", json=body, headers=desk.headers() | headers)


def kept(answer: httpx.Response) -> str:
    """The token in the cookie that an answer sets."""
    name, _, rest = answer.headers["set-cookie"].partition("=")
    assert name == NAME
    return str(rest.partition(";")[0])


def cookie(answer: httpx.Response) -> dict[str, str]:
    """What the browser sends from then on."""
    return {"Cookie": f"{NAME}={kept(answer)}"}


async def test_a_browser_signs_in_goes_on_and_never_sees_the_token(desk: Desk, company: UUID) -> None:
    signed_in = await ask(desk, "login", LOG_IN, OURS)
    assert "refresh_token" not in done(signed_in)
    assert signed_in.headers["set-cookie"].endswith("; HttpOnly; SameSite=Strict; Secure")
    refreshed = await ask(desk, "refresh", {}, cookie(signed_in) | OURS)
    assert "refresh_token" not in done(refreshed)
    assert kept(refreshed) != kept(signed_in)
    done(await desk.refresh(kept(refreshed)))


async def test_a_page_of_another_origin_cannot_use_the_cookie(desk: Desk, company: UUID) -> None:
    signed_in = await ask(desk, "login", LOG_IN, OURS)
    for origin in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        answer = await ask(desk, "refresh", {}, cookie(signed_in) | origin)
        assert problem(answer) == (403, "foreign_origin")
    done(await ask(desk, "refresh", {}, cookie(signed_in) | OURS))


async def test_a_page_of_another_origin_cannot_plant_one(desk: Desk, company: UUID) -> None:
    answer = await ask(desk, "login", LOG_IN, {"Origin": "https://evil.example"})
    assert problem(answer) == (403, "foreign_origin")
    assert "set-cookie" not in answer.headers
    assert await desk.rows("SELECT FROM sessions") == []


async def test_a_token_in_the_body_counts_before_the_one_in_the_cookie(desk: Desk, company: UUID) -> None:
    session = await desk.session("ann@company.com")
    headers = {"Cookie": f"{NAME}=nonsense"} | OURS
    answer = await ask(desk, "refresh", {"refresh_token": session["refresh_token"]}, headers)
    assert "set-cookie" not in answer.headers
    moved = await ask(desk, "refresh", {"refresh_token": done(answer)["refresh_token"], "cookie": True}, OURS)
    assert "refresh_token" not in done(moved)
    assert kept(moved)


async def test_a_browser_without_a_cookie_is_not_signed_in(desk: Desk) -> None:
    assert problem(await ask(desk, "refresh", {"cookie": True}, OURS)) == (401, "invalid_refresh_token")
    assert problem(await ask(desk, "refresh", {}, OURS)) == (422, "invalid_request")


async def test_a_switch_can_put_the_new_session_in_the_cookie(desk: Desk, company: UUID) -> None:
    by = desk.headers(caller_of(await desk.session("ann@company.com")))
    answer = await ask(desk, "switch-tenant", {"tenant_id": str(company), "cookie": True}, by | OURS)
    assert "refresh_token" not in done(answer)
    assert kept(answer)


async def test_signing_out_takes_the_cookie_away(desk: Desk, company: UUID) -> None:
    signed_in = await ask(desk, "login", LOG_IN, OURS)
    by = desk.headers(caller_of(done(signed_in)))
    answer = await ask(desk, "logout", None, by | cookie(signed_in))
    assert answer.status_code == 204
    assert answer.headers["set-cookie"].startswith(f"{NAME}=; Max-Age=0; Path=/api/auth;")
    assert "set-cookie" not in (await ask(desk, "logout", None, by)).headers
