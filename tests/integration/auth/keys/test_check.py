"""`POST /internal/api-keys/check`: what a key stands for, and what is remembered of its use."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from services.auth.api_keys.uses import KeyUses
from shared.contracts.api_keys import ApiKey
from shared.contracts.caller import Caller
from shared.database import Database
from shared.ids import new_id
from tests.integration.auth.keys.test_api_keys import WANTED, made
from tests.integration.auth.sessions.desk import Desk, Json, done, problem
from tests.support.callers import an_operator
from tests.support.databases import DatabaseUrls

CHECK = "/internal/api-keys/check"


def question(secret: str) -> Json:
    key = ApiKey.parse(secret)
    assert key
    return {"key_id": str(key.id), "hash": key.hash.hex()}


async def a_secret(desk: Desk, admin: Caller, **more: Any) -> str:
    secret: str = made(await desk.post("/api/api-keys", WANTED | more, by=admin))["secret"]
    return secret


async def holder(desk: Desk, secret: str) -> Any:
    return done(await desk.post_as_peer(CHECK, question(secret)))["holder"]


async def test_a_key_stands_for_its_tenant_and_its_scopes(desk: Desk, admin: Caller, company: UUID) -> None:
    secret = await a_secret(desk, admin)
    assert await holder(desk, secret) == {
        "key_id": question(secret)["key_id"],
        "tenant_id": str(company),
        "role": "hr",
        "permissions": ["invitations:manage", "users:read"],
        "expires_at": None,
    }


async def test_the_right_id_with_another_secret_opens_nothing(desk: Desk, admin: Caller) -> None:
    parsed = ApiKey.parse(await a_secret(desk, admin))
    assert parsed
    assert await holder(desk, ApiKey.new(parsed.id).text) is None
    assert await holder(desk, ApiKey.new(new_id()).text) is None


async def test_only_fellow_services_are_answered(desk: Desk, admin: Caller) -> None:
    asked = question(await a_secret(desk, admin))
    assert problem(await desk.post(CHECK, asked))[0] == 401
    assert problem(await desk.post(CHECK, asked, by=an_operator()))[0] == 401
    for odd in ({"hash": "x"}, {"hash": asked["hash"].upper()}, {"key_id": "x"}, {"key": "snk_"}):
        assert problem(await desk.post_as_peer(CHECK, asked | odd)) == (422, "invalid_request")


async def test_a_key_expires(desk: Desk, admin: Caller) -> None:
    secret = await a_secret(desk, admin, expires_at=(desk.clock() + timedelta(hours=1)).isoformat())
    assert await holder(desk, secret)
    desk.clock.ahead = timedelta(hours=1)
    assert await holder(desk, secret) is None


async def test_a_suspended_tenant_or_maker_puts_the_key_to_sleep(desk: Desk, admin: Caller, company: UUID) -> None:
    """CVE-2024-47060, GHSA-2vg6-77g8-24mp"""
    secret = await a_secret(desk, admin)
    await desk.suspend(company)
    assert await holder(desk, secret) is None
    await desk.suspend(company, status="active")
    assert await holder(desk, secret)
    await desk.rows("UPDATE memberships SET status = 'suspended' WHERE user_id = $1", admin.subject)
    assert await holder(desk, secret) is None


async def test_a_key_loses_what_its_maker_loses(desk: Desk, admin: Caller) -> None:
    secret = await a_secret(desk, admin)
    await desk.rows("UPDATE memberships SET role = 'member' WHERE user_id = $1", admin.subject)
    shrunk = await holder(desk, secret)
    assert (shrunk["role"], shrunk["permissions"]) == ("member", ["users:read"])


async def last_use(desk: Desk, admin: Caller) -> datetime:
    [key] = done(await desk.get("/api/api-keys", by=admin))["items"]
    return datetime.fromisoformat(key["last_used_at"])


async def test_the_last_use_is_written_down_now_and_then(desk: Desk, admin: Caller, urls: DatabaseUrls) -> None:
    key_id, first = UUID(question(await a_secret(desk, admin))["key_id"]), desk.clock()
    database = await Database.open("auth", urls.serving, urls.look_up, connect=urls.connect)
    uses = KeyUses(database)
    written = []
    for later in (timedelta(0), timedelta(seconds=30), timedelta(minutes=2)):
        uses.note(key_id, first + later)
        uses.note(new_id(), first)  # revoked meanwhile
        await uses.write()
        written.append((await last_use(desk, admin) - first).total_seconds())
    assert written == pytest.approx([0, 0, 120], abs=0.01)
    await database.close()


async def test_a_use_is_noted_and_costs_the_request_no_write(desk: Desk, admin: Caller) -> None:
    secret = await a_secret(desk, admin)
    await holder(desk, secret)
    assert await desk.rows("SELECT FROM api_keys WHERE last_used_at IS NOT NULL") == []


async def test_a_database_that_is_away_loses_no_use(desk: Desk, admin: Caller, urls: DatabaseUrls) -> None:
    key_id = UUID(question(await a_secret(desk, admin))["key_id"])
    database = await Database.open("auth", urls.serving, urls.look_up, connect=urls.connect)
    uses = KeyUses(database)
    uses.note(key_id, desk.clock())
    await desk.rows("ALTER TABLE api_keys RENAME TO away")
    with pytest.raises(asyncpg.UndefinedTableError):
        await uses.write()
    await desk.rows("ALTER TABLE away RENAME TO api_keys")
    await uses.write()
    assert len(await desk.rows("SELECT FROM api_keys WHERE last_used_at IS NOT NULL")) == 1
    await database.close()
