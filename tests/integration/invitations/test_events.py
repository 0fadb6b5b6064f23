"""What the events of others do here."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from structlog.testing import capture_logs

from shared.contracts.tenancy import TenantStatus
from shared.contracts.tenants import TenantCreated, TenantSuspended
from shared.ids import new_id
from shared.messaging.reconciling import Difference, Drift
from tests.integration.invitations.company import Company, membership, tenant_event
from tests.integration.invitations.desk import Desk, token_in

USER = UUID(int=7)


async def test_the_membership_accepts_the_invitation_and_that_is_told(desk: Desk, company: Company) -> None:
    made = await desk.invite(company.admin)
    await desk.reserve(token_in(made))
    await desk.join(company, "ann@example.com", invitation_id=made["id"], user_id=USER)

    assert (await desk.read(company.admin, made["id"]))["status"] == "accepted"
    assert await desk.told("accepted") == [
        {
            "type": "invitations.invitation.accepted.v1",
            "invitation_id": made["id"],
            "tenant_id": str(company.id),
            "email": "ann@example.com",
            "user_id": str(USER),
        }
    ]


async def test_the_same_event_twice_changes_nothing(desk: Desk, company: Company) -> None:
    made = await desk.invite(company.admin)
    envelope = await desk.join(company, "ann@example.com", invitation_id=made["id"])
    before = await desk.everything()
    desk.clock.advance(timedelta(hours=1))
    await desk.deliver(envelope)
    await desk.deliver(replace(envelope, id=new_id()))

    assert await desk.everything() == before


async def test_the_same_event_many_times_at_once_takes_effect_once(desk: Desk, company: Company) -> None:
    made = await desk.invite(company.admin)
    envelope = await desk.join(company, "other@example.com")
    event = membership(company, "ann@example.com", invitation_id=made["id"], user_id=USER)
    again = replace(envelope, id=new_id(), data=event.model_dump(mode="json"))
    await asyncio.gather(*(desk.deliver(again) for _ in range(10)))

    assert len(await desk.told("accepted")) == 1


async def test_who_has_left_can_be_invited_again_and_nothing_told_before_brings_them_back(
    desk: Desk, company: Company
) -> None:
    joined = await desk.join(company, "ann@example.com", user_id=USER)
    assert (await desk.post("/api/invitations", company.admin, email="ann@example.com")).status_code == 409
    left = await desk.leave(company, "ann@example.com", user_id=USER)
    await desk.deliver(replace(joined, id=new_id()))
    await desk.deliver(replace(left, id=new_id()))
    await desk.invite(company.admin, "ann@example.com")
    assert "ann" not in str(await desk.rows("SELECT email, name FROM members WHERE user_id = $1", USER)).lower()

    await desk.join(company, "ann@example.com", user_id=USER)
    assert (await desk.post("/api/invitations", company.admin, email="ann@example.com")).status_code == 409


async def test_who_is_told_to_have_left_is_not_brought_back_by_what_comes_only_then(
    desk: Desk, company: Company
) -> None:
    """Their coming was put aside as a dead letter, say, and is replayed after they have gone."""
    await desk.leave(company, "ann@example.com", user_id=USER)
    await desk.hear(membership(company, "ann@example.com", user_id=USER), company.id, sequence=1)

    await desk.invite(company.admin, "ann@example.com")


async def test_whom_auth_does_not_know_is_not_brought_back_by_what_was_told_before(
    desk: Desk, company: Company
) -> None:
    """The news of their leaving was lost, the replica was repaired, and then an older dead letter is replayed."""
    await desk.join(company, "ann@example.com", user_id=USER)
    left_over = Difference(Drift.LEFT_OVER, (company.id, USER), owner=None, here={})
    [members] = [replica for replica in desk.service.replicas if replica.name == "invitations.members"]
    await members.repair(left_over, sequence=100)
    await desk.hear(membership(company, "ann@example.com", user_id=USER), company.id, sequence=99)

    await desk.invite(company.admin, "ann@example.com")


async def test_a_membership_is_a_fact_whatever_became_of_the_invitation(desk: Desk, company: Company) -> None:
    revoked = await desk.invite(company.admin, "revoked@example.com")
    await desk.post(f"/api/invitations/{revoked['id']}/revoke", company.admin)
    expired = await desk.invite(company.admin, "expired@example.com", expires_in_days=1)
    desk.clock.advance(timedelta(days=1))
    await desk.sweep()
    with capture_logs() as lines:
        for made in (revoked, expired):
            await desk.join(company, made["email"], invitation_id=made["id"])

    for made in (revoked, expired):
        assert (await desk.read(company.admin, made["id"]))["status"] == "accepted"
    assert [(line["log_level"], line["invitation_id"]) for line in lines if "revoked" in line["event"]] == [
        ("warning", revoked["id"])
    ]


async def test_the_first_to_be_let_in_stays_the_one(desk: Desk, company: Company) -> None:
    made = await desk.invite(company.admin)
    await desk.join(company, "ann@example.com", invitation_id=made["id"], user_id=USER)
    await desk.join(company, "ann@example.com", invitation_id=made["id"], user_id=new_id())

    [row] = await desk.rows("SELECT accepted_by FROM invitations")
    assert row["accepted_by"] == USER
    assert len(await desk.told("accepted")) == 1


async def test_an_invitation_that_is_not_known_here_keeps_nobody_out(
    desk: Desk, company: Company, rival: Company
) -> None:
    """Also when it is known, but in another tenant."""
    theirs = await desk.invite(rival.admin)
    with capture_logs() as lines:
        await desk.join(company, "ann@example.com", invitation_id=theirs["id"])

    assert [line["event"] for line in lines] == ["membership by an unknown invitation"]
    assert (await desk.read(rival.admin, theirs["id"]))["status"] == "pending"
    refused = await desk.post("/api/invitations", company.admin, email="ann@example.com")
    assert refused.json()["code"] == "already_member"


async def test_people_who_came_in_together_are_all_known(desk: Desk, company: Company) -> None:
    """One of them three times, of which the newest counts, wherever it comes; and one by an invitation."""
    made = await desk.invite(company.admin)
    pattern = await desk.join(company, "first@example.com")
    told = {
        100: membership(company, "old@example.com", user_id=USER),
        101: membership(company, "second@example.com"),
        102: membership(company, "ann@example.com", invitation_id=made["id"]),
        104: membership(company, "new@example.com", user_id=USER),
        103: membership(company, "former@example.com", user_id=USER),
    }
    await desk.deliver(
        *(
            replace(pattern, id=new_id(), subject=event.subject, sequence=sequence, data=event.model_dump(mode="json"))
            for sequence, event in told.items()
        )
    )

    rows = await desk.rows("SELECT email FROM members ORDER BY sequence")
    assert [row["email"].partition("@")[0] for row in rows] == ["first", "second", "ann", "new"]
    assert (await desk.read(company.admin, made["id"]))["status"] == "accepted"
    assert len(await desk.told("accepted")) == 1


async def test_a_stale_event_does_not_undo_a_newer_one(desk: Desk, company: Company) -> None:
    await desk.join(company, "new@example.com", user_id=USER)
    await desk.hear(membership(company, "old@example.com", user_id=USER), company.id, sequence=1)
    await desk.suspend(company, sequence=100)
    await desk.resume(company, sequence=99)

    assert [row["email"] for row in await desk.rows("SELECT email FROM members")] == ["new@example.com"]
    [row] = await desk.rows("SELECT status FROM tenants WHERE id = $1", company.id)
    assert row["status"] == "suspended"


async def test_who_is_back_does_not_leave_by_what_was_told_before(desk: Desk, company: Company) -> None:
    await desk.hear(membership(company, "ann@example.com", user_id=USER), company.id, sequence=50)
    await desk.leave(company, "ann@example.com", user_id=USER)

    refused = await desk.post("/api/invitations", company.admin, email="ann@example.com")
    assert refused.json()["code"] == "already_member"


async def test_a_membership_may_be_told_before_its_tenant(desk: Desk) -> None:
    company = Company.named("Early")
    await desk.join(company, "ann@example.com")
    await desk.hear(tenant_event(TenantCreated, company), company.id)

    answer = await desk.post("/api/invitations", company.admin, email="ann@example.com")
    assert answer.json()["code"] == "already_member"


async def test_inviting_and_joining_at_once_leaves_no_member_with_a_link(desk: Desk, company: Company) -> None:
    """Either the invitation came first, or it was refused; never after the membership was known."""
    for number in range(10):
        email = f"n{number}@example.com"
        answer, _ = await asyncio.gather(
            desk.post("/api/invitations", company.admin, email=email), desk.join(company, email)
        )
        assert answer.status_code in (201, 409)
        assert (await desk.post("/api/invitations", company.admin, email=email)).status_code == 409


async def test_the_owner_named_for_a_new_tenant_is_invited(desk: Desk) -> None:
    company = await desk.found("Company", owner_email="boss@company.com")
    await desk.post_mails()

    [made] = (await desk.get("/api/invitations", company.owner)).json()["items"]
    assert (made["email"], made["role"], made["invited_by"]) == ("boss@company.com", "owner", None)
    [mail] = await desk.mails_to("boss@company.com")
    reserved = await desk.reserve(token_in({"invite_url": mail.links[0]}), "boss@company.com")
    assert (reserved.json()["role"], reserved.json()["tenant_id"]) == ("owner", str(company.id))
    assert [event["invited_by"] for event in await desk.told("created")] == [None]


async def test_the_owner_is_invited_once_however_often_it_is_told(desk: Desk) -> None:
    company = Company.named("Company")
    event = tenant_event(TenantCreated, company, owner_email="boss@company.com")
    envelope = await desk.hear(event, company.id)
    before = await desk.everything()
    await desk.deliver(envelope)
    await desk.deliver(replace(envelope, id=new_id()))
    assert await desk.everything() == before

    [made] = (await desk.get("/api/invitations", company.owner)).json()["items"]
    await desk.join(company, "boss@company.com", invitation_id=made["id"])
    await desk.deliver(replace(envelope, id=new_id()))
    assert len(await desk.rows("SELECT FROM invitations")) == 1


async def test_the_owner_is_invited_even_when_the_news_comes_late(desk: Desk) -> None:
    """Replayed from the dead letters, say: the tenant is suspended by now, and stays so."""
    company = Company.named("Company")
    await desk.hear(tenant_event(TenantSuspended, company, status=TenantStatus.SUSPENDED), company.id, sequence=9)
    await desk.hear(tenant_event(TenantCreated, company, owner_email="boss@company.com"), company.id, sequence=1)

    assert len(await desk.rows("SELECT FROM invitations")) == 1
    refused = await desk.post("/api/invitations", company.owner, email="ann@example.com")
    assert refused.json()["code"] == "tenant_suspended"
