"""`POST /api/api-keys` under an `Idempotency-Key`, and what sign-up makes of one."""

import httpx

from shared.contracts.caller import Caller
from tests.integration.auth.sessions.desk import Desk, Json, problem

WANTED: Json = {"name": "Workday", "scopes": ["users:read"]}


async def create(desk: Desk, by: Caller, body: Json = WANTED) -> httpx.Response:
    headers = desk.headers(by) | {"Idempotency-Key": "k"}
    return await desk.http.post("/api/api-keys", json=body, headers=headers)


async def test_asked_again_it_is_the_same_key_with_its_secret(desk: Desk, admin: Caller) -> None:
    first = await create(desk, admin)
    again = await create(desk, admin)
    assert (first.status_code, again.content) == (201, first.content)
    assert len(await desk.rows("SELECT FROM api_keys")) == 1
    assert len(await desk.told("auth.api_key.created.v1")) == 1


async def test_the_secret_stands_in_no_table(desk: Desk, admin: Caller) -> None:
    """CVE-2017-18917"""
    secret = (await create(desk, admin)).json()["secret"]
    [row] = await desk.rows("SELECT k::text AS all, answer FROM idempotency_keys AS k")
    assert secret[26:] not in row["all"]
    assert secret.encode() not in row["answer"]


async def test_another_name_is_another_request(desk: Desk, admin: Caller) -> None:
    await create(desk, admin)
    assert problem(await create(desk, admin, WANTED | {"name": "Other"})) == (422, "idempotency_key_reused")


async def test_a_sign_up_keeps_nothing_under_a_key(desk: Desk) -> None:
    """A Session is not kept for a day: an address has one account anyway, and its person can sign in."""
    body = {"email": "ann@nowhere.example", "password": "velvet-otter-41", "name": "Ann"}
    headers = desk.headers(None) | {"Idempotency-Key": "k" * 300}
    plain = await desk.http.post("/api/auth/signup", json=body, headers=desk.headers(None))
    keyed = await desk.http.post("/api/auth/signup", json=body, headers=headers)
    assert (keyed.status_code, keyed.json()["code"]) == (plain.status_code, plain.json()["code"])
    assert await desk.rows("SELECT FROM idempotency_keys") == []
