"""`POST /api/auth/login`"""

import statistics
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import argon2
import bcrypt
import pytest
from prometheus_client import REGISTRY

from tests.integration.auth.sessions.desk import PASSWORD, Desk, claims_of, done, problem, serving, told
from tests.support.databases import DatabaseUrls
from tests.support.passwords import HARD

WRONG = "velvet-otter-42"
SESSION = {"access_token", "token_type", "expires_in", "refresh_token", "user", "tenant"}
USER = {"id", "email", "name", "tenant_id", "role", "status", "email_verified", "created_at", "last_sign_in_at"}


async def test_a_member_signs_in(desk: Desk) -> None:
    company = await desk.tenant("company")
    ann = await desk.person("ann@company.com", company, role="hr")
    session = await desk.session("ann@company.com")
    assert set(session) == SESSION
    assert set(session["user"]) == USER
    assert (session["token_type"], session["expires_in"]) == ("Bearer", 600)
    assert session["tenant"] == {"id": str(company), "slug": "company", "name": "Company"}
    assert session["user"]["role"] == "hr"
    claims = claims_of(session)
    assert claims["sub"] == session["user"]["id"] == str(ann)
    assert claims["tenant_id"] == session["user"]["tenant_id"] == str(company)
    assert claims["role"] == "hr"


async def test_a_sign_in_is_noted_with_its_device(desk: Desk) -> None:
    ann = await desk.person("ann@company.com", await desk.tenant("company"))
    session = await desk.session("ann@company.com")
    assert session["user"]["last_sign_in_at"]
    [row] = await desk.rows("SELECT * FROM sessions WHERE user_id = $1", ann)
    assert row["agent"].startswith("python-httpx")
    assert row["address"] == "127.0.0.1"


async def test_letter_case_of_the_address_does_not_matter(desk: Desk) -> None:
    await desk.person("ann@company.com", await desk.tenant("company"))
    await desk.session("Ann@COMPANY.com")


async def test_neither_answer_nor_stored_rows_hold_what_must_stay_secret(desk: Desk) -> None:
    """CVE-2024-5133, CVE-2017-18917"""
    await desk.person("ann@company.com", await desk.tenant("company"))
    answer = await desk.log_in("ann@company.com")
    assert "argon2" not in answer.text
    [row] = await desk.rows("SELECT t::text AS text FROM refresh_tokens AS t")
    assert answer.json()["refresh_token"] not in row["text"]
    assert answer.headers["cache-control"] == "no-store"


async def test_unknown_account_wrong_password_and_no_password_are_one_answer(desk: Desk) -> None:
    """CVE-2024-41952"""
    company = await desk.tenant("company")
    await desk.person("ann@company.com", company)
    await desk.person("bob@company.com", company, password=None)
    wrong = await desk.log_in("ann@company.com", WRONG)
    unknown = await desk.log_in("nobody@company.com", WRONG)
    without = await desk.log_in("bob@company.com", WRONG)
    assert problem(wrong) == (401, "invalid_credentials")
    assert told(wrong) == told(unknown) == told(without)


async def test_an_unknown_account_is_as_much_work_as_a_wrong_password(urls: DatabaseUrls, tmp_path: Path) -> None:
    """CVE-2024-41952"""
    async with serving(urls, tmp_path, **HARD) as desk:
        await desk.person("ann@company.com", await desk.tenant("company"))

        async def work(email: str) -> float:
            began = time.process_time()
            await desk.log_in(email, WRONG)
            return time.process_time() - began

        known, unknown = [], []
        for _ in range(5):
            known.append(await work("ann@company.com"))
            unknown.append(await work("nobody@company.com"))
    assert 1 / 3 < statistics.median(known) / statistics.median(unknown) < 3


async def test_an_account_without_a_password_passes_no_password_check(desk: Desk) -> None:
    """CVE-2019-18933"""
    await desk.person("bob@company.com", await desk.tenant("company"), password=None)
    for password in ("", "null", "None", "!", PASSWORD):
        assert problem(await desk.log_in("bob@company.com", password)) == (401, "invalid_credentials")


@pytest.mark.parametrize(
    ("verified", "member", "tenant", "code"),
    [
        (False, "pending", "suspended", "email_unverified"),
        (True, "pending", "suspended", "approval_required"),
        (True, "suspended", "suspended", "membership_suspended"),
        (True, "active", "suspended", "tenant_suspended"),
    ],
)
async def test_what_is_wrong_beside_the_password_is_told_only_with_it(
    desk: Desk, verified: bool, member: str, tenant: str, code: str
) -> None:
    company = await desk.tenant("company", status=tenant)
    await desk.person("ann@company.com", company, verified=verified, status=member)
    assert problem(await desk.log_in("ann@company.com", WRONG)) == (401, "invalid_credentials")
    assert problem(await desk.log_in("ann@company.com")) == (403, code)
    assert not await desk.rows("SELECT FROM sessions")


async def test_a_person_with_two_tenants_may_choose(desk: Desk) -> None:
    company, other = await desk.tenant("company"), await desk.tenant("other")
    ann = await desk.person("ann@company.com", company, role="admin")
    await desk.join(ann, other, role="member")
    assert claims_of(await desk.session("ann@company.com"))["tenant_id"] == str(company)
    chosen = await desk.session("ann@company.com", tenant_id=str(other))
    assert claims_of(chosen)["tenant_id"] == chosen["tenant"]["id"] == str(other)
    assert claims_of(chosen)["role"] == "member"  # decocms#6371


async def test_a_suspension_at_home_does_not_close_other_tenants(desk: Desk) -> None:
    company, other = await desk.tenant("company"), await desk.tenant("other")
    ann = await desk.person("ann@company.com", company, status="suspended")
    await desk.join(ann, other)
    assert problem(await desk.log_in("ann@company.com")) == (403, "membership_suspended")
    await desk.session("ann@company.com", tenant_id=str(other))


@pytest.mark.parametrize(
    ("member", "tenant", "code"),
    [
        ("pending", "active", "approval_required"),
        ("suspended", "active", "membership_suspended"),
        ("active", "suspended", "tenant_suspended"),
    ],
)
async def test_who_is_not_let_in_is_told_where_else_they_can_sign_in(
    desk: Desk, member: str, tenant: str, code: str
) -> None:
    ann = await desk.person("ann@company.com", await desk.tenant("home", status=tenant), status=member)
    assert "tenants" not in (await desk.log_in("ann@company.com")).json()  # nowhere
    first, second = await desk.tenant("first"), await desk.tenant("second")
    await desk.join(ann, first)
    await desk.join(ann, second)
    await desk.join(ann, await desk.tenant("third"), status="pending")
    await desk.join(ann, await desk.tenant("fourth"), status="suspended")
    await desk.join(ann, await desk.tenant("fifth", status="suspended"))
    await desk.person("eve@sixth.com", await desk.tenant("sixth"))
    await desk.session("ann@company.com", tenant_id=str(second))  # where she was last

    refused = await desk.log_in("ann@company.com")
    assert problem(refused) == (403, code)
    assert refused.json()["tenants"] == [
        {"id": str(second), "slug": "second", "name": "Second"},
        {"id": str(first), "slug": "first", "name": "First"},
    ]
    assert "tenants" not in (await desk.log_in("ann@company.com", WRONG)).json()
    await desk.session("ann@company.com", tenant_id=refused.json()["tenants"][1]["id"])


async def test_no_more_than_fifty_tenants_are_told(desk: Desk) -> None:
    ann = await desk.person("ann@company.com", await desk.tenant("home"), status="suspended")
    for n in range(51):
        await desk.join(ann, await desk.tenant(f"other-{n}"))
    assert len((await desk.log_in("ann@company.com")).json()["tenants"]) == 50


async def test_a_tenant_of_others_and_no_tenant_at_all_are_one_answer(desk: Desk) -> None:
    company, other = await desk.tenant("company"), await desk.tenant("other")
    await desk.person("ann@company.com", company)
    await desk.person("eve@other.com", other)
    foreign = await desk.log_in("ann@company.com", tenant_id=str(other))
    nowhere = await desk.log_in("ann@company.com", tenant_id=str(uuid4()))
    assert problem(foreign) == (403, "not_a_member")
    assert told(foreign) == told(nowhere)
    assert problem(await desk.log_in("ann@company.com", WRONG, tenant_id=str(other)))[0] == 401


MISSHAPEN: list[Any] = [
    {"email": ["ann@company.com"], "password": PASSWORD},
    {"email": {"$ne": ""}, "password": PASSWORD},
    {"email": "ann@company.com"},
    {"email": "ann@company.com", "password": None},
    {"email": "ann@company.com", "password": [PASSWORD]},
    {"email": "ann@company.com", "password": PASSWORD, "tenant_id": "company"},
    {"email": "ann@company.com", "password": PASSWORD, "role": "owner"},
    {"email": "ann@company.com\n", "password": PASSWORD},
    {"email": "ann@company.com,eve@other.com", "password": PASSWORD},
    [],
]


async def test_a_body_of_another_shape_is_refused(desk: Desk) -> None:
    await desk.person("ann@company.com", await desk.tenant("company"))
    for body in MISSHAPEN:
        assert (await desk.post("/api/auth/login", body)).status_code == 422, body


@pytest.mark.parametrize("prefix", ["$2a$", "$2b$", "$2y$"])
async def test_a_password_of_another_system_is_taken_once_as_it_was_and_hashed_anew(desk: Desk, prefix: str) -> None:
    ann = await desk.person("ann@company.com", await desk.tenant("company"))
    long = PASSWORD * 6
    hashed = bcrypt.hashpw(long.encode()[:72], bcrypt.gensalt(4)).decode().replace("$2b$", prefix)
    await desk.rows("UPDATE users SET password_hash = $2 WHERE id = $1", ann, hashed)
    assert problem(await desk.log_in("ann@company.com", WRONG))[0] == 401
    await desk.session("ann@company.com", long)
    [row] = await desk.rows("SELECT password_hash FROM users WHERE id = $1", ann)
    assert row["password_hash"].startswith("$argon2id$")
    await desk.session("ann@company.com", long)
    assert problem(await desk.log_in("ann@company.com", long[:72]))[0] == 401  # from now on all of it counts


async def test_sign_ins_are_counted_by_what_became_of_them(desk: Desk) -> None:
    def count(outcome: str) -> float:
        return REGISTRY.get_sample_value("sign_ins_total", {"method": "password", "outcome": outcome}) or 0

    await desk.person("ann@company.com", await desk.tenant("company"))
    accepted, refused = count("accepted"), count("invalid_credentials")
    await desk.log_in("ann@company.com", WRONG)
    await desk.session("ann@company.com")
    assert (count("accepted"), count("invalid_credentials")) == (accepted + 1, refused + 1)


async def test_a_hash_with_former_parameters_is_renewed_by_its_password(desk: Desk) -> None:
    ann = await desk.person("ann@company.com", await desk.tenant("company"))
    former = argon2.PasswordHasher(time_cost=1, memory_cost=32, parallelism=1).hash(PASSWORD)
    await desk.rows("UPDATE users SET password_hash = $2 WHERE id = $1", ann, former)
    await desk.log_in("ann@company.com", WRONG)
    [row] = await desk.rows("SELECT password_hash FROM users")
    assert row["password_hash"] == former
    await desk.session("ann@company.com")
    [row] = await desk.rows("SELECT password_hash FROM users")
    assert row["password_hash"].startswith("$argon2id$v=19$m=64,t=1,p=1$")
    done(await desk.log_in("ann@company.com"))
