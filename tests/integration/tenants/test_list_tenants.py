"""`GET /api/tenants`"""

import math

import pytest

from shared.contracts.tenancy import PLATFORM_TENANT_ID, Role
from tests.integration.tenants.desk import Desk, fields, problem
from tests.support.callers import a_caller, an_operator

SLUGS = ["acme", "acme-2", "beta", "platform", "zeta", "zz"]


@pytest.fixture
async def five(desk: Desk) -> None:
    for slug in ("zeta", "acme", "zz", "beta", "acme-2"):
        await desk.create(slug, name=f"The {slug.upper()} Company")


@pytest.mark.usefixtures("five")
async def test_operators_see_all_tenants_by_slug(desk: Desk) -> None:
    answer = (await desk.get("/api/tenants")).json()
    assert [tenant["slug"] for tenant in answer["items"]] == SLUGS
    assert answer["next_cursor"] is None
    assert set(answer["items"][0]) == {"id", "name", "slug", "status", "settings", "created_at"}


@pytest.mark.usefixtures("five")
async def test_page_by_page_each_is_there_once(desk: Desk) -> None:
    for limit in (1, 2, 3, 5, 6, 200):
        page = (await desk.get("/api/tenants", limit=limit)).json()
        pages = [page["items"]]
        while page["next_cursor"]:
            page = (await desk.get("/api/tenants", limit=limit, cursor=page["next_cursor"])).json()
            pages.append(page["items"])
        assert [tenant["slug"] for items in pages for tenant in items] == SLUGS
        assert len(pages) == math.ceil(len(SLUGS) / limit)


@pytest.mark.usefixtures("five")
async def test_a_page_goes_on_where_it_was_when_tenants_come_in_between(desk: Desk) -> None:
    first = (await desk.get("/api/tenants", limit=3)).json()
    await desk.create("aaa")
    await desk.create("omega")
    assert await desk.slugs(limit=50, cursor=first["next_cursor"]) == ["omega", "platform", "zeta", "zz"]


@pytest.mark.usefixtures("five")
async def test_a_text_is_looked_for_in_names_and_slugs(desk: Desk) -> None:
    for q, slugs in {
        "acme": ["acme", "acme-2"],
        "ACME-": ["acme-2"],
        "the zeta c": ["zeta"],
        "Platform": ["platform"],
        "": SLUGS,
        "%": [],
        "_": [],
        "\\": [],
        "'; DROP TABLE tenants; --": [],
    }.items():
        assert await desk.slugs(q=q) == slugs, q


@pytest.mark.usefixtures("five")
async def test_a_cursor_is_good_for_its_own_list_only(desk: Desk) -> None:
    cursor = (await desk.get("/api/tenants", limit=1, q="acme")).json()["next_cursor"]
    assert await desk.slugs(cursor=cursor, q="acme") == ["acme-2"]
    for forged in (cursor[:-2] + "AA", "AAAA" + cursor, cursor[4:], "nonsense!", "%"):
        answer = await desk.get("/api/tenants", q="acme", cursor=forged)
        assert problem(answer) == (400, "invalid_cursor")
    assert problem(await desk.get("/api/tenants", q="beta", cursor=cursor)) == (400, "invalid_cursor")


@pytest.mark.usefixtures("five")
async def test_operators_may_go_on_with_each_others_cursors(desk: Desk) -> None:
    cursor = (await desk.get("/api/tenants", limit=5)).json()["next_cursor"]
    answer = await desk.get("/api/tenants", by=an_operator(), cursor=cursor)
    assert [tenant["slug"] for tenant in answer.json()["items"]] == ["zz"]


async def test_a_page_has_its_limits(desk: Desk) -> None:
    for limit in (0, 201, -1, "all"):
        assert fields(await desk.get("/api/tenants", limit=limit)) == ["limit"]


async def test_a_text_with_a_nul_is_refused(desk: Desk) -> None:
    assert problem(await desk.get("/api/tenants", q="\0")) == (422, "invalid_request")


async def test_operating_takes_an_owner_or_admin_of_the_platform(desk: Desk) -> None:
    for role, status in ((Role.OWNER, 200), (Role.ADMIN, 200), (Role.HR, 403), (Role.MEMBER, 403)):
        answer = await desk.get("/api/tenants", by=a_caller(PLATFORM_TENANT_ID, role))
        assert answer.status_code == status
