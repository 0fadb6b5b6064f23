"""`GET`/`POST /api/api-keys`, `DELETE /api/api-keys/{id}`"""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.auth.domain.api_keys import MOST_PER_TENANT
from shared.contracts.api_keys import ApiKey
from shared.contracts.caller import Caller
from shared.contracts.tenancy import Role
from shared.ids import new_id
from tests.integration.auth.sessions.desk import Desk, Json, done, problem
from tests.support.callers import a_caller
from tests.support.connections import waiting

WANTED: Json = {"name": "Workday", "scopes": ["users:read", "invitations:manage"]}


def made(answer: httpx.Response) -> Json:
    assert answer.status_code == 201, answer.text
    key: Json = answer.json()
    return key


async def test_the_secret_is_shown_once_and_kept_by_nobody(desk: Desk, admin: Caller) -> None:
    """CVE-2023-39349, CVE-2017-18917"""
    answer = await desk.post("/api/api-keys", WANTED, by=admin)
    key = made(answer)
    secret = key.pop("secret")
    parsed = ApiKey.parse(secret)
    assert parsed
    assert (key["id"], key["prefix"]) == (str(parsed.id), secret[:26])
    assert answer.headers["cache-control"] == "no-store"
    created_at = key.pop("created_at")
    assert created_at.endswith("Z")
    assert key == {
        "id": key["id"],
        "name": "Workday",
        "prefix": key["prefix"],
        "scopes": ["invitations:manage", "users:read"],
        "created_by": str(admin.subject),
        "expires_at": None,
        "last_used_at": None,
    }
    page = done(await desk.get("/api/api-keys", by=admin))
    assert page == {"items": [key | {"created_at": created_at}], "next_cursor": None}
    [row] = await desk.rows("SELECT api_keys::text AS all, hash FROM api_keys")
    assert secret not in row["all"]
    assert secret[26:] not in row["all"]
    assert row["hash"] == parsed.hash


async def test_who_is_removed_at_this_moment_makes_no_key(desk: Desk, admin: Caller) -> None:
    async with desk.behind.lend() as somebody:
        async with somebody.transaction():
            await somebody.execute("DELETE FROM users WHERE id = $1", admin.subject)
            making = asyncio.ensure_future(desk.post("/api/api-keys", WANTED, by=admin))
            await waiting(desk.behind, 1)
        assert problem(await making) == (403, "forbidden")
    assert await desk.told("auth.api_key.created.v1") == []


async def test_it_is_told_without_the_secret(desk: Desk, admin: Caller, company: UUID) -> None:
    key = made(await desk.post("/api/api-keys", WANTED, by=admin))
    [(tenant_id, created)] = await desk.told("auth.api_key.created.v1")
    assert tenant_id == company
    assert (created["key_id"], created["created_by"]) == (key["id"], str(admin.subject))
    assert key["secret"] not in str(created)


@pytest.mark.parametrize(
    "odd",
    [
        {"name": ""},
        {"name": "a\nb"},
        {"name": "\u200b"},
        {"name": "x" * 101},
        {"scopes": []},
        {"scopes": ["users:manage"]},
        {"scopes": ["platform:operate"]},
        {"scopes": ["api_keys:manage"]},
        {"scopes": ["users:read"] * 4},
        {"expires_at": "tomorrow"},
        {"expires_at": "2030-01-01T00:00:00"},
        {"tenant_id": str(new_id())},
        {"created_by": str(new_id())},
    ],
)
async def test_what_a_key_cannot_be_is_refused(desk: Desk, admin: Caller, odd: Json) -> None:
    assert problem(await desk.post("/api/api-keys", WANTED | odd, by=admin)) == (422, "invalid_request")


async def test_a_key_that_would_be_dead_at_once_is_refused(desk: Desk, admin: Caller) -> None:
    past = (desk.clock() - timedelta(seconds=1)).isoformat()
    answer = await desk.post("/api/api-keys", WANTED | {"expires_at": past}, by=admin)
    assert problem(answer) == (422, "expiry_in_the_past")
    assert [error["field"] for error in answer.json()["errors"]] == ["expires_at"]


async def test_only_who_is_an_admin_today_makes_keys(desk: Desk, company: UUID) -> None:
    """CVE-2025-61928: whatever an old token says."""
    assert problem(await desk.post("/api/api-keys", WANTED)) == (401, "unauthenticated")
    for role in (Role.HR, Role.MEMBER):
        assert problem(await desk.post("/api/api-keys", WANTED, by=a_caller(company, role))) == (403, "forbidden")
    demoted = a_caller(company, Role.ADMIN, await desk.person("dee@company.com", company, role="member"))
    assert problem(await desk.post("/api/api-keys", WANTED, by=demoted)) == (403, "scope_too_wide")
    within = WANTED | {"scopes": ["users:read"]}
    assert problem(await desk.post("/api/api-keys", within, by=demoted)) == (403, "forbidden")
    suspended = await desk.person("sue@company.com", company, role="admin", status="suspended")
    for nobody in (suspended, new_id()):
        by = a_caller(company, Role.ADMIN, nobody)
        assert problem(await desk.post("/api/api-keys", WANTED, by=by)) == (403, "forbidden")
    assert await desk.rows("SELECT id FROM api_keys") == []


async def test_keys_of_another_tenant_are_neither_seen_nor_revoked(desk: Desk, admin: Caller, company: UUID) -> None:
    """CVE-2025-61928, CVE-2026-44426, CVE-2026-92764"""
    key = made(await desk.post("/api/api-keys", WANTED, by=admin))
    other = await desk.tenant("other")
    stranger = a_caller(other, Role.OWNER, await desk.person("eve@other.com", other, role="owner"))
    assert done(await desk.get("/api/api-keys", by=stranger))["items"] == []
    refusal = await desk.delete(f"/api/api-keys/{key['id']}", by=stranger)
    assert problem(refusal) == (404, "api_key_not_found")
    assert problem(await desk.delete(f"/api/api-keys/{key['id']}")) == (401, "unauthenticated")
    member = a_caller(company, Role.HR)
    assert problem(await desk.delete(f"/api/api-keys/{key['id']}", by=member)) == (403, "forbidden")
    assert problem(await desk.get("/api/api-keys", by=member)) == (403, "forbidden")
    assert len(await desk.rows("SELECT id FROM api_keys")) == 1
    assert await desk.told("auth.api_key.revoked.v1") == []


async def test_a_revoked_key_is_gone_and_told_once(desk: Desk, admin: Caller, company: UUID) -> None:
    key = made(await desk.post("/api/api-keys", WANTED, by=admin))
    another = a_caller(company, Role.ADMIN, await desk.person("bob@company.com", company, role="admin"))
    assert (await desk.delete(f"/api/api-keys/{key['id']}", by=another)).status_code == 204
    assert problem(await desk.delete(f"/api/api-keys/{key['id']}", by=another)) == (404, "api_key_not_found")
    [(tenant_id, revoked)] = await desk.told("auth.api_key.revoked.v1")
    assert (tenant_id, revoked["key_id"], revoked["revoked_by"]) == (company, key["id"], str(another.subject))


async def test_only_who_is_an_admin_today_revokes_keys(desk: Desk, admin: Caller, company: UUID) -> None:
    """CVE-2025-61928: whatever an old token says."""
    key = made(await desk.post("/api/api-keys", WANTED, by=admin))
    demoted = await desk.person("dee@company.com", company, role="hr")
    suspended = await desk.person("sue@company.com", company, role="admin", status="suspended")
    for nobody in (demoted, suspended, new_id()):
        refusal = await desk.delete(f"/api/api-keys/{key['id']}", by=a_caller(company, Role.ADMIN, nobody))
        assert problem(refusal) == (403, "forbidden")
    assert len(await desk.rows("SELECT id FROM api_keys")) == 1


async def test_pages_show_every_key_once_and_a_cursor_is_good_for_its_own_list(desk: Desk, admin: Caller) -> None:
    """CVE-2026-33503"""
    names = [f"key {n}" for n in range(5)]
    for name in names:
        made(await desk.post("/api/api-keys", WANTED | {"name": name}, by=admin))
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 2}
    while True:
        page = done(await desk.get("/api/api-keys", by=admin, **query))
        seen += [key["name"] for key in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == names
    assert problem(await desk.get("/api/users", by=admin, cursor=query["cursor"])) == (400, "invalid_cursor")


async def all_but_one(desk: Desk, admin: Caller) -> None:
    """As many keys as the tenant of ``admin`` may have, less one."""
    sql = """
        INSERT INTO api_keys (id, tenant_id, hash, name, scopes, created_by, created_at)
        SELECT gen_random_uuid(), $1, sha256(n::text::bytea), 'key', ARRAY['users:read'], $2, now()
          FROM generate_series(2, $3) AS n
    """
    await desk.rows(sql, admin.tenant_id, admin.subject, MOST_PER_TENANT)


async def test_a_tenant_has_so_many_keys_and_no_more(desk: Desk, admin: Caller) -> None:
    await all_but_one(desk, admin)
    made(await desk.post("/api/api-keys", WANTED, by=admin))
    assert problem(await desk.post("/api/api-keys", WANTED, by=admin)) == (409, "too_many_api_keys")


async def test_two_admins_who_make_the_last_key_at_once_make_one(desk: Desk, admin: Caller, company: UUID) -> None:
    await all_but_one(desk, admin)
    another = a_caller(company, Role.ADMIN, await desk.person("bob@company.com", company, role="admin"))
    async with desk.behind.lend() as somebody:
        async with somebody.transaction():
            await somebody.execute("LOCK TABLE api_keys IN SHARE MODE")  # keys may be counted, and not be added
            making = [asyncio.ensure_future(desk.post("/api/api-keys", WANTED, by=by)) for by in (admin, another)]
            await waiting(desk.behind, 2)
        assert sorted([(await each).status_code for each in making]) == [201, 409]
