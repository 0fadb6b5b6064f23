"""First owners are named by operators: their word goes with their office."""

import asyncio

import pytest
from structlog.testing import capture_logs

from shared.contracts.auth import MembershipChange, MembershipRemoved, MembershipSuspended
from shared.contracts.caller import Caller
from shared.contracts.tenancy import MembershipStatus, Role
from shared.contracts.tenants import TenantCreated
from shared.messaging.reconciling import Difference, Drift
from tests.integration.invitations.company import Company, membership_change, tenant_event
from tests.integration.invitations.desk import Desk
from tests.integration.invitations.standing import BY, becomes, is_now
from tests.support.callers import an_operator
from tests.support.connections import waiting

BOSS = "boss@company.com"
GONE = [(MembershipRemoved, MembershipStatus.ACTIVE), (MembershipSuspended, MembershipStatus.SUSPENDED)]


@pytest.fixture
def operator() -> Caller:
    return an_operator()


@pytest.fixture
def platform(operator: Caller) -> Company:
    return Company(operator.tenant_id, "Platform", operator, operator, operator, operator)


async def name_owner(desk: Desk, by: Caller, company: Company, email: str = BOSS) -> int:
    answer = await desk.post(f"/api/tenants/{company.id}/invite-owner", by, email=email)
    return answer.status_code


async def open_in(desk: Desk, company: Company) -> list[str]:
    """Who may still become an owner there."""
    listed = (await desk.get("/api/invitations", company.owner, status="pending")).json()
    return [each["email"] for each in listed["items"]]


@pytest.mark.parametrize(("kind", "status"), GONE)
async def test_who_operates_no_more_has_named_nobody(
    desk: Desk, operator: Caller, platform: Company, kind: type[MembershipChange], status: MembershipStatus
) -> None:
    """Neither in a tenant that they made nor in one that they were asked to help."""
    made = await desk.found("Made", "made@example.com", actor=operator.actor)
    helped = await desk.found("Helped")
    assert await name_owner(desk, operator, helped) == 200
    await becomes(desk, platform, operator, kind, status=status)

    assert (await open_in(desk, made), await open_in(desk, helped)) == ([], [])
    told = await desk.told("revoked")
    assert {(each["email"], each["tenant_id"]) for each in told} == {
        ("made@example.com", str(made.id)),
        (BOSS, str(helped.id)),
    }
    assert {each["revoked_by"] for each in told} == {str(BY)}
    await desk.post_mails()
    assert await desk.mails_to(BOSS) == []


@pytest.mark.parametrize("role", list(Role))
async def test_it_takes_the_office_not_the_rank(desk: Desk, operator: Caller, platform: Company, role: Role) -> None:
    company = await desk.found("Company", BOSS, actor=operator.actor)
    await is_now(desk, platform, operator, role)
    assert await open_in(desk, company) == ([BOSS] if role in {Role.OWNER, Role.ADMIN} else [])


async def test_what_others_have_named_stays(desk: Desk, operator: Caller, platform: Company) -> None:
    """A colleague, also one who repeats it, and whoever may run commands."""
    colleagues, repeated, commanded = [
        await desk.found(name, BOSS, actor=actor)
        for name, actor in (("One", an_operator().actor), ("Two", operator.actor), ("Three", None))
    ]
    assert await name_owner(desk, an_operator(), repeated) == 200
    await becomes(desk, platform, operator, MembershipRemoved)
    for company in (colleagues, repeated, commanded):
        assert await open_in(desk, company) == [BOSS]


async def test_sending_it_again_makes_it_nobody_elses(desk: Desk, operator: Caller, platform: Company) -> None:
    company = await desk.found("Company", BOSS, actor=operator.actor)
    [made] = (await desk.get("/api/invitations", company.owner)).json()["items"]
    assert (await desk.post(f"/api/invitations/{made['id']}/resend", company.owner)).status_code == 200
    await becomes(desk, platform, operator, MembershipRemoved)
    assert await open_in(desk, company) == []


async def test_a_sign_up_under_way_does_not_keep_it_open(desk: Desk, operator: Caller, platform: Company) -> None:
    company = await desk.found("Company", BOSS, actor=operator.actor)
    await desk.auth_asks("/internal/reservations/by-address", email=BOSS)
    assert await desk.rows("SELECT FROM invitations WHERE reserved_until IS NOT NULL")
    await becomes(desk, platform, operator, MembershipRemoved)
    assert await open_in(desk, company) == []


async def test_they_name_nobody_afterwards(desk: Desk, operator: Caller, platform: Company) -> None:
    """With a token that a gateway has let pass before it heard, or for a tenant of which is told only now."""
    company = await desk.found("Company")
    await becomes(desk, platform, operator, MembershipRemoved)
    before = await desk.everything()
    assert await name_owner(desk, operator, company) == 503
    assert await desk.everything() == before

    with capture_logs() as lines:
        late = await desk.found("Late", BOSS, actor=operator.actor)
    assert await desk.rows("SELECT FROM invitations") == []
    [line] = [line for line in lines if line["log_level"] == "warning"]
    assert line["tenant_id"] == str(late.id)
    assert await name_owner(desk, an_operator(), late) == 200


async def test_whom_they_named_a_moment_ago_is_found_in_the_same_batch(
    desk: Desk, operator: Caller, platform: Company
) -> None:
    """After a pause of the broker the news of both services comes at once."""
    company = Company.named("Company")
    named = desk.envelope(tenant_event(TenantCreated, company, owner_email=BOSS), company.id, actor=operator.actor)
    change = membership_change(MembershipRemoved, platform, "op@example.com", user_id=operator.subject, role="owner")
    await desk.deliver(named, desk.envelope(change, platform.id))
    assert await open_in(desk, company) == []


async def test_whom_they_are_just_naming_is_found(desk: Desk, operator: Caller, platform: Company) -> None:
    company = await desk.found("Company")
    await is_now(desk, platform, operator, Role.OWNER)
    async with desk.behind.lend() as somebody:
        async with somebody.transaction():
            await somebody.execute("LOCK TABLE mails IN SHARE MODE")
            naming = asyncio.ensure_future(name_owner(desk, operator, company))
            await waiting(desk.behind, 1)
            removing = asyncio.ensure_future(becomes(desk, platform, operator, MembershipRemoved))
            await waiting(desk.behind, 2)
        assert await naming == 200
        await removing
    assert await open_in(desk, company) == []


async def test_if_the_news_was_lost_a_repair_takes_them_back(desk: Desk, operator: Caller, platform: Company) -> None:
    company = await desk.found("Company", BOSS, actor=operator.actor)
    state = {"email": "op@example.com", "name": "Op", "role": "member", "status": "active"}
    differs = Difference(
        Drift.DIFFERS, (platform.id, operator.subject), owner=state, here={}, beside={"invitation_id": None}
    )
    [members] = [replica for replica in desk.service.replicas if replica.name == "invitations.members"]
    assert await members.repair(differs, sequence=100)
    assert await open_in(desk, company) == []
    row = await desk.rows("SELECT role, status FROM members WHERE user_id = $1", operator.subject)
    assert [tuple(each) for each in row] == [("member", "active")]
