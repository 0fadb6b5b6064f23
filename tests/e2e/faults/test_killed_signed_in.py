"""SIGKILL of the product while somebody accepts an invitation, refreshes a session, or signs in by a link."""

import asyncio

import httpx
import pytest

from shared.ids import new_token, token_hash
from tests.e2e.faults.locks import held
from tests.e2e.faults.mortal import Mortal
from tests.e2e.faults.people import Json, invite, sign_in, sign_up
from tests.e2e.faults.traces import until_all_is_told
from tests.e2e.support import body_of
from tests.support.connections import connected

pytestmark = pytest.mark.slow

BEFORE_COMMIT = "LOCK TABLE refresh_tokens IN SHARE MODE"  # lets everybody read and lock, and nobody write

A_LINK = """
    WITH allowed AS (UPDATE tenants SET settings = '{"sign_in_methods": ["password", "email_link"]}' RETURNING id)
    INSERT INTO one_time_tokens (hash, tenant_id, user_id, purpose, created_at, expires_at)
    SELECT $1, u.tenant_id, u.id, 'sign_in', now(), now() + interval '1 hour'
      FROM users AS u JOIN allowed ON allowed.id = u.tenant_id WHERE u.email = $2
"""
SESSIONS = "SELECT FROM sessions AS s JOIN users AS u ON u.id = s.user_id WHERE u.email = $1"


async def killed_while_asking(mortal: Mortal, http: httpx.AsyncClient, path: str, body: Json, bearer: Json) -> None:
    async with held(mortal.databases["auth"], BEFORE_COMMIT) as lock:
        asking = asyncio.ensure_future(http.post(path, json=body, headers=bearer))
        await lock.reached()
        mortal.die()
    with pytest.raises(httpx.TransportError):
        await asking


async def belongings(http: httpx.AsyncClient, bearer: Json) -> list[str]:
    """The tenants that somebody belongs to."""
    myself = body_of(await http.get("/api/auth/me", headers=bearer))
    return sorted(each["tenant"]["slug"] for each in myself["memberships"])


async def test_an_accept_that_dies_before_its_commit_can_be_repeated(mortal: Mortal) -> None:
    async with mortal.client() as http:
        operator = await sign_in(http, mortal.dev["operator_email"], mortal.dev["operator_password"])
        who = await invite(http, operator)
        assert (await sign_up(http, who)).status_code == 201
        bearer = await sign_in(http, who.email)
        body = {"token": (await invite(http, await mortal.admin(http), who.email)).token}
        await killed_while_asking(mortal, http, "/api/invitations/accept", body, bearer)
    mortal.live()
    async with mortal.client() as http:
        assert await belongings(http, bearer) == ["platform"]
        for _ in range(2):
            assert (await http.post("/api/invitations/accept", json=body, headers=bearer)).status_code == 200
        assert await belongings(http, bearer) == ["company", "platform"]
        await until_all_is_told(mortal.databases)
        invitations = await http.get("/api/invitations", params={"q": who.email}, headers=await mortal.admin(http))
        assert [each["status"] for each in body_of(invitations)["items"]] == ["accepted"]


async def test_a_refresh_that_dies_before_it_is_answered_can_be_repeated(mortal: Mortal) -> None:
    async with mortal.client() as http:
        session = body_of(await sign_up(http, await invite(http, await mortal.admin(http))))
        body = {"refresh_token": session["refresh_token"]}
        await killed_while_asking(mortal, http, "/api/auth/refresh", body, {})
    mortal.live()
    async with mortal.client() as http:
        refreshed = body_of(await http.post("/api/auth/refresh", json=body))
        assert refreshed["refresh_token"] != session["refresh_token"]
        # The answer may be lost as well: whoever comes again at once gets the same one.
        again = body_of(await http.post("/api/auth/refresh", json=body))
        assert again["refresh_token"] == refreshed["refresh_token"]


async def test_a_link_whose_use_dies_before_its_commit_is_good_once_more(mortal: Mortal) -> None:
    body = {"token": new_token()}
    async with mortal.client() as http, connected(mortal.databases["auth"]) as auth:
        who = await invite(http, await mortal.admin(http))
        assert (await sign_up(http, who)).status_code == 201
        await auth.execute(A_LINK, token_hash(body["token"]), who.email)
        await killed_while_asking(mortal, http, "/api/auth/login/link/redeem", body, {})
    mortal.live()
    async with mortal.client() as http, connected(mortal.databases["auth"]) as auth:
        answers = await asyncio.gather(*(http.post("/api/auth/login/link/redeem", json=body) for _ in range(10)))
        assert sorted(answer.status_code for answer in answers) == [200, *[410] * 9]
        assert len(await auth.fetch(SESSIONS, who.email)) == 2  # with that of the sign-up
