"""SIGKILL of the product while somebody who has an account accepts an invitation, or refreshes a session."""

import asyncio

import httpx
import pytest

from tests.e2e.faults.locks import held
from tests.e2e.faults.mortal import Mortal
from tests.e2e.faults.people import Json, invite, sign_in, sign_up
from tests.e2e.faults.traces import until_all_is_told
from tests.e2e.support import body_of

BEFORE_COMMIT = "LOCK TABLE refresh_tokens IN SHARE MODE"  # lets everybody read and lock, and nobody write


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
