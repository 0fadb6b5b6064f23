"""The first owner of a tenant, whom an operator names, and names again when that was in vain."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from shared.contracts.caller import Caller
from shared.contracts.tenancy import PLATFORM_TENANT_ID, Role, TenantStatus
from shared.contracts.tenants import TenantCreated, TenantUpdated
from shared.ids import new_id
from tests.integration.invitations.company import Company, tenant_event
from tests.integration.invitations.desk import Desk, token_in
from tests.support.callers import an_operator
from tests.support.connections import waiting

BOSS, MISTYPED = "boss@company.com", "bos@company.com"


@pytest.fixture
def operator() -> Caller:
    return an_operator()


async def name_owner(desk: Desk, by: Caller, company: Company, email: str = BOSS) -> httpx.Response:
    return await desk.post(f"/api/tenants/{company.id}/invite-owner", by, email=email)


async def token_mailed_to(desk: Desk, email: str) -> str:
    await desk.post_mails()
    return token_in({"invite_url": (await desk.mails_to(email))[0].links[0]})


async def test_the_right_address_takes_the_place_of_the_mistyped_one(desk: Desk, operator: Caller) -> None:
    company = await desk.found("Company", owner_email=MISTYPED)
    stray = await token_mailed_to(desk, MISTYPED)
    answer = await name_owner(desk, operator, company)

    assert answer.status_code == 200, answer.text
    made = answer.json()
    assert (made["email"], made["role"], made["status"]) == (BOSS, "owner", "pending")
    assert (made["tenant_id"], made["invited_by"]) == (str(company.id), None)
    assert "invite_url" not in made
    reserved = await desk.reserve(await token_mailed_to(desk, BOSS), BOSS)
    assert (reserved.json()["role"], reserved.json()["tenant_id"]) == ("owner", str(company.id))
    refused = await desk.reserve(stray, MISTYPED)
    assert (refused.status_code, refused.json()["code"]) == (410, "invitation_revoked")
    [told] = await desk.told("revoked")
    assert (told["email"], told["revoked_by"]) == (MISTYPED, str(operator.subject))
    assert told["reason"] == "another_owner"


async def test_a_mail_to_the_mistyped_address_that_waits_is_not_sent(desk: Desk, operator: Caller) -> None:
    company = await desk.found("Company", owner_email=MISTYPED)
    await name_owner(desk, operator, company)
    await desk.post_mails()
    assert await desk.mails_to(MISTYPED) == []


async def test_the_same_address_again_gets_a_new_link(desk: Desk, operator: Caller) -> None:
    company = await desk.found("Company", owner_email=BOSS)
    first = await token_mailed_to(desk, BOSS)
    assert (await name_owner(desk, operator, company)).status_code == 200
    assert len(await desk.rows("SELECT FROM invitations")) == 1
    assert (await desk.reserve(first, BOSS)).status_code == 404
    assert (await desk.reserve(await token_mailed_to(desk, BOSS), BOSS)).status_code == 200


@pytest.mark.parametrize("email", [BOSS, MISTYPED])
async def test_an_invitation_that_ran_out_makes_room(desk: Desk, operator: Caller, email: str) -> None:
    company = await desk.found("Company", owner_email=email)
    desk.clock.now += timedelta(days=8)
    assert (await name_owner(desk, operator, company)).status_code == 200
    listed = (await desk.get("/api/invitations", company.owner)).json()["items"]
    assert [(each["email"], each["status"]) for each in listed] == [(BOSS, "pending"), (email, "expired")]


async def test_nobody_from_outside_makes_an_owner_where_there_is_one(desk: Desk, operator: Caller) -> None:
    company = await desk.found("Company", owner_email=BOSS)
    [made] = (await desk.get("/api/invitations", company.owner)).json()["items"]
    await desk.join(company, BOSS, invitation_id=made["id"])
    before = await desk.everything()
    for email in (BOSS, "mole@example.com"):
        refused = await name_owner(desk, operator, company, email)
        assert (refused.status_code, refused.json()["code"]) == (409, "tenant_has_owner")
    assert await desk.everything() == before


async def test_while_the_owner_signs_up_nothing_is_taken_from_them(desk: Desk, operator: Caller) -> None:
    company = await desk.found("Company", owner_email=BOSS)
    await desk.reserve(await token_mailed_to(desk, BOSS), BOSS)
    before = await desk.everything()
    refused = await name_owner(desk, operator, company, "other@company.com")
    assert (refused.status_code, refused.json()["code"]) == (409, "invitation_reserved")
    assert await desk.everything() == before


async def test_a_member_can_be_named(desk: Desk, operator: Caller) -> None:
    """Who came in by the company's domain, where nobody could make them more than a member."""
    company = await desk.found("Company")
    await desk.join(company, BOSS)
    assert (await name_owner(desk, operator, company)).status_code == 200
    assert (await desk.reserve(await token_mailed_to(desk, BOSS), BOSS)).json()["role"] == "owner"


async def test_of_two_operators_at_once_one_has_the_last_word(desk: Desk, operator: Caller) -> None:
    company = await desk.found("Company", owner_email=MISTYPED)
    named = [f"boss-{number}@company.com" for number in range(4)]
    answers = await asyncio.gather(*(name_owner(desk, operator, company, email) for email in named))
    assert {answer.status_code for answer in answers} == {200}
    assert len(await desk.rows("SELECT FROM invitations WHERE status = 'pending'")) == 1


@pytest.mark.parametrize("email", [BOSS, "mole@example.com"])
async def test_an_owner_who_comes_in_at_this_moment_is_the_first(desk: Desk, operator: Caller, email: str) -> None:
    company = await desk.found("Company", owner_email=BOSS)
    async with desk.behind.lend() as somebody:
        async with somebody.transaction():
            await somebody.execute(
                "UPDATE invitations SET status = 'accepted', ended_at = created_at, accepted_by = id"
            )
            naming = asyncio.ensure_future(name_owner(desk, operator, company, email))
            await waiting(desk.behind, 1)
        refused = await naming
    assert (refused.status_code, refused.json()["code"]) == (409, "tenant_has_owner")
    assert [row["email"] for row in await desk.rows("SELECT email FROM invitations")] == [BOSS]


async def test_whoever_is_being_invited_to_the_tenant_is_in_no_operators_way(desk: Desk, operator: Caller) -> None:
    """By an owner of whom the news is not here yet."""
    company = await desk.found("Company")
    async with desk.behind.lend() as somebody:
        async with somebody.transaction():
            await somebody.execute("LOCK TABLE mails IN SHARE MODE")
            inviting = asyncio.ensure_future(desk.invite(company.owner, BOSS))
            await waiting(desk.behind, 1)
            naming = asyncio.ensure_future(name_owner(desk, operator, company))
            await waiting(desk.behind, 2)
        made, named = await inviting, (await naming).json()
    assert (named["id"], named["role"]) == (made["id"], "owner")


async def test_old_news_of_the_tenant_asks_the_former_address_no_more(desk: Desk, operator: Caller) -> None:
    """Replayed from the dead letters: the tenant was known by other events when an operator named its owner."""
    company = Company.named("Company")
    await desk.hear(tenant_event(TenantUpdated, company), company.id, sequence=2)
    await name_owner(desk, operator, company)
    await desk.hear(tenant_event(TenantCreated, company, owner_email=MISTYPED), company.id, sequence=1)
    assert [row["email"] for row in await desk.rows("SELECT email FROM invitations")] == [BOSS]


async def test_there_has_to_be_such_a_tenant_and_it_has_to_be_open(desk: Desk, operator: Caller) -> None:
    company = await desk.found("Company")
    await desk.suspend(company)
    before = await desk.everything()
    suspended = await name_owner(desk, operator, company)
    assert (suspended.status_code, suspended.json()["code"]) == (403, "tenant_suspended")
    unknown = await name_owner(desk, operator, Company.named("Nowhere"))
    assert (unknown.status_code, unknown.json()["code"]) == (404, "tenant_not_found")
    assert await desk.everything() == before


async def test_an_admin_of_the_platform_makes_nobody_its_owner(desk: Desk) -> None:
    """CVE-2024-5127"""
    platform = tenant_event(TenantCreated, Company.named("Platform"), tenant_id=PLATFORM_TENANT_ID)
    assert platform.status is TenantStatus.ACTIVE
    await desk.hear(platform, PLATFORM_TENANT_ID)
    admin = Caller(new_id(), PLATFORM_TENANT_ID, Role.ADMIN, an_operator().permissions)
    refused = await desk.post(f"/api/tenants/{PLATFORM_TENANT_ID}/invite-owner", admin, email=BOSS)
    assert (refused.status_code, refused.json()["code"]) == (409, "tenant_has_owner")
    assert await desk.rows("SELECT FROM invitations") == []


async def test_it_is_for_operators(desk: Desk, company: Company, rival: Company) -> None:
    for caller in (company.owner, rival.owner):
        refused = await name_owner(desk, caller, company)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert await desk.rows("SELECT FROM invitations") == []
