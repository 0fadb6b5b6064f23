"""`GET /api/users`, `GET /api/users/{id}`"""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.contracts.caller import Caller
from shared.contracts.tenancy import Role
from tests.integration.auth.sessions.desk import Desk, done, problem
from tests.support.callers import a_caller

People = Callable[..., Awaitable[list[str]]]


@pytest.fixture
def anyone(company: UUID) -> Caller:
    """A member of the company without any power."""
    return a_caller(company, Role.MEMBER)


@pytest.fixture
def names(desk: Desk, anyone: Caller) -> People:
    """Whom a list shows."""

    async def listed(**query: Any) -> list[str]:
        page = done(await desk.get("/api/users", by=anyone, **query))
        return [user["name"] for user in page["items"]]

    return listed


async def test_every_member_sees_the_people_of_the_tenant_and_of_no_other(
    desk: Desk, company: UUID, names: People
) -> None:
    other = await desk.tenant("other")
    ann = await desk.person("ann@company.com", company)
    await desk.person("bob@company.com", company)
    await desk.person("eve@other.com", other)
    await desk.join(ann, other)
    assert await names() == ["Ann", "Bob"]


async def test_a_line_shows_what_is_promised_and_no_more(desk: Desk, company: UUID, anyone: Caller) -> None:
    """CVE-2024-5133"""
    ann = await desk.person("ann@company.com", company, role="hr")
    page = done(await desk.get("/api/users", by=anyone))
    assert page["next_cursor"] is None
    [line] = page["items"]
    created_at = line.pop("created_at")
    assert created_at.endswith("Z")
    assert line == {
        "id": str(ann),
        "email": "ann@company.com",
        "name": "Ann",
        "tenant_id": str(company),
        "role": "hr",
        "status": "active",
        "email_verified": True,
        "last_sign_in_at": None,
    }
    assert done(await desk.get(f"/api/users/{ann}", by=anyone)) == line | {"created_at": created_at}


async def test_filters_can_be_combined(desk: Desk, company: UUID, names: People) -> None:
    await desk.person("ann@company.com", company, role="hr")
    await desk.person("annabel@company.com", company, role="hr", status="suspended")
    await desk.person("bob@company.com", company, name="Joanna Bob")
    await desk.person("carl@company.com", company, status="pending", verified=False)
    assert await names(q="ANN") == ["Ann", "Annabel", "Joanna Bob"]
    assert await names(q="annabel@") == ["Annabel"]
    assert await names(role="hr") == ["Ann", "Annabel"]
    assert await names(status="pending") == ["Carl"]
    assert await names(q="ann", role="hr", status="active") == ["Ann"]
    assert await names(q="") == ["Ann", "Annabel", "Joanna Bob", "Carl"]


async def test_names_and_domains_are_found_as_people_write_them(desk: Desk, company: UUID, names: People) -> None:
    await desk.person("ann@xn--bcher-kva.example", company)
    await desk.person("bob@company.com", company, name="Bob Bücher")
    assert await names(q="BÜCHER") == ["Ann", "Bob Bücher"]
    assert await names(q="ann@bücher.ex") == ["Ann"]
    assert await names(q="büch") == ["Bob Bücher"]


async def test_signs_of_patterns_stand_for_themselves(desk: Desk, company: UUID, names: People) -> None:
    await desk.person("ann@company.com", company)
    for n, text in enumerate(["%", "_", "\\", "%%", "a%n", "A_n"]):
        await desk.person(f"p{n}@company.com", company, name=f"Ray {text}")
    assert await names(q="Ray %") == ["Ray %", "Ray %%"]
    assert await names(q="_") == ["Ray _", "Ray A_n"]
    assert await names(q="\\") == ["Ray \\"]
    assert await names(q="a%n") == ["Ray a%n"]
    assert await names(q="a_n") == ["Ray A_n"]


async def test_pages_show_everybody_once_also_when_somebody_joins_meanwhile(
    desk: Desk, company: UUID, anyone: Caller
) -> None:
    everybody = [f"p{n}@company.com" for n in range(5)]
    for email in everybody:
        await desk.person(email, company)
    await desk.rows("UPDATE memberships SET created_at = now()")  # the order must not hang on the time alone
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 2}
    while True:
        page = done(await desk.get("/api/users", by=anyone, **query))
        seen += [user["email"] for user in page["items"]]
        if page["next_cursor"] is None:
            break
        assert len(page["items"]) == 2
        query["cursor"] = page["next_cursor"]
        await desk.person(f"late{len(seen)}@company.com", company)
    assert sorted(email for email in seen if email in everybody) == everybody
    assert len(seen) == len(set(seen))


async def test_a_full_last_page_is_the_last(desk: Desk, company: UUID, anyone: Caller) -> None:
    for n in range(2):
        await desk.person(f"p{n}@company.com", company)
    assert done(await desk.get("/api/users", by=anyone, limit=2))["next_cursor"] is None


async def test_a_cursor_is_good_for_its_own_list_only(desk: Desk, company: UUID, anyone: Caller) -> None:
    """CVE-2026-33503"""
    for n in range(3):
        await desk.person(f"p{n}@company.com", company)
    stranger = a_caller(await desk.tenant("other"))
    cursor = done(await desk.get("/api/users", by=anyone, limit=1))["next_cursor"]
    tampered = cursor[:-3] + ("AAA" if cursor[-3:] != "AAA" else "BBB")
    for by, query in (
        (anyone, {"cursor": tampered}),
        (anyone, {"cursor": "x"}),
        (anyone, {"cursor": ""}),
        (anyone, {"cursor": cursor, "q": "p"}),
        (stranger, {"cursor": cursor}),
    ):
        assert problem(await desk.get("/api/users", by=by, **query)) == (400, "invalid_cursor")
    assert len(done(await desk.get("/api/users", by=anyone, cursor=cursor, limit=200))["items"]) == 2


async def test_a_query_that_does_not_fit_is_refused(desk: Desk, anyone: Caller) -> None:
    misfits: list[dict[str, Any]] = [
        {"limit": 0},
        {"limit": 201},
        {"limit": "x"},
        {"status": "gone"},
        {"role": "king"},
        {"q": "a" * 201},
    ]
    for query in misfits:
        assert problem(await desk.get("/api/users", by=anyone, **query))[0] == 422, query


async def test_people_elsewhere_are_not_found_like_people_nowhere(desk: Desk, company: UUID, anyone: Caller) -> None:
    """CVE-2026-105209"""
    other = await desk.tenant("other")
    eve = await desk.person("eve@other.com", other)
    assert problem(await desk.get(f"/api/users/{eve}", by=anyone)) == (404, "user_not_found")
    assert problem(await desk.get(f"/api/users/{uuid4()}", by=anyone)) == (404, "user_not_found")
    assert problem(await desk.get("/api/users/ann", by=anyone))[0] == 404


async def test_a_person_of_two_tenants_is_shown_as_what_they_are_here(
    desk: Desk, company: UUID, anyone: Caller
) -> None:
    other = await desk.tenant("other")
    eve = await desk.person("eve@other.com", other, role="owner")
    await desk.join(eve, company, role="hr")
    shown = done(await desk.get(f"/api/users/{eve}", by=anyone))
    assert (shown["tenant_id"], shown["role"]) == (str(company), "hr")


async def test_strangers_see_nothing(desk: Desk, company: UUID) -> None:
    ann = await desk.person("ann@company.com", company)
    assert problem(await desk.get("/api/users"))[0] == 401
    assert problem(await desk.get(f"/api/users/{ann}"))[0] == 401
