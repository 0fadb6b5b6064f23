"""Whoever may not offer a role any more has not offered it: they have seen the link."""

from datetime import timedelta

import pytest

from shared.contracts.auth import MembershipChange, MembershipRemoved, MembershipSuspended
from shared.contracts.tenancy import MembershipStatus, Role
from shared.database.transaction import STATEMENT_SECONDS
from shared.messaging.reconciling import Difference, Drift
from tests.integration.invitations.company import Company
from tests.integration.invitations.desk import Desk, Json, token_in
from tests.integration.invitations.standing import BY, becomes, is_now

GONE = [(MembershipRemoved, "active"), (MembershipSuspended, "suspended")]


async def offers(desk: Desk, company: Company) -> dict[str, Json]:
    """One invitation to each role that the owner may grant, by the role."""
    made = [await desk.invite(company.owner, f"{role.value}@example.com", role=role.value) for role in Role]
    return {each["role"]: each for each in made}


async def standing(desk: Desk, company: Company) -> set[str]:
    """The roles of those that are still open."""
    listed = (await desk.get("/api/invitations", company.owner, status="pending")).json()
    return {each["role"] for each in listed["items"]}


@pytest.mark.parametrize(("kind", "status"), GONE)
async def test_who_has_gone_leaves_only_invitations_of_members(
    desk: Desk, company: Company, kind: type[MembershipChange], status: str
) -> None:
    made = await offers(desk, company)
    await becomes(desk, company, company.owner, kind, status=status)

    assert await standing(desk, company) == {"member"}
    refused = await desk.reserve(token_in(made["admin"]), "admin@example.com")
    assert (refused.status_code, refused.json()["code"]) == (410, "invitation_revoked")
    told = await desk.told("revoked")
    assert {each["email"] for each in told} == {"owner@example.com", "admin@example.com", "hr@example.com"}
    assert {(each["revoked_by"], each["reason"]) for each in told} == {(str(BY), "inviter_may_not")}
    assert (await desk.reserve(token_in(made["member"]), "member@example.com")).status_code == 200


@pytest.mark.parametrize(
    ("role", "left"),
    [
        (Role.ADMIN, {"admin", "hr", "member"}),
        (Role.HR, {"member"}),
        (Role.MEMBER, {"member"}),
    ],
)
async def test_who_is_less_leaves_what_they_may_still_offer(
    desk: Desk, company: Company, role: Role, left: set[str]
) -> None:
    await offers(desk, company)
    await is_now(desk, company, company.owner, role)
    assert await standing(desk, company) == left


async def test_who_is_more_has_offered_no_less(desk: Desk, company: Company) -> None:
    await desk.invite(company.admin, role="admin")
    await is_now(desk, company, company.admin, Role.OWNER)
    assert await standing(desk, company) == {"admin"}


async def test_a_new_role_does_not_help_who_is_locked_out(desk: Desk, company: Company) -> None:
    await desk.invite(company.admin, role="admin")
    await is_now(desk, company, company.admin, Role.OWNER, status=MembershipStatus.SUSPENDED)
    assert await standing(desk, company) == set()


async def test_nobody_elses_go_with_them(desk: Desk, company: Company, rival: Company) -> None:
    """Neither those of a colleague nor their own in another tenant."""
    await desk.invite(company.owner, "one@example.com", role="admin")
    await desk.invite(rival.admin, "two@example.com", role="admin")
    await becomes(desk, company, company.admin, MembershipRemoved)
    await becomes(desk, company, rival.admin, MembershipRemoved)

    assert await standing(desk, company) == {"admin"}
    assert await standing(desk, rival) == {"admin"}


async def test_whom_a_colleague_has_invited_again_is_the_colleagues(desk: Desk, company: Company) -> None:
    await desk.invite(company.admin, role="admin")
    again = await desk.invite(company.owner, role="admin")
    await becomes(desk, company, company.admin, MembershipRemoved)
    assert (await desk.reserve(token_in(again))).status_code == 200


async def test_a_sign_up_under_way_does_not_keep_it_open(desk: Desk, company: Company) -> None:
    """Or the link could be kept alive for as long as somebody tries. Who was let in by it is in."""
    made = await desk.invite(company.admin, role="admin")
    await desk.reserve(token_in(made))
    await becomes(desk, company, company.admin, MembershipRemoved)
    assert (await desk.reserve(token_in(made))).json()["code"] == "invitation_revoked"

    await desk.join(company, made["email"], invitation_id=made["id"])
    assert (await desk.read(company.owner, made["id"]))["status"] == "accepted"


async def test_a_mail_that_waits_is_not_sent(desk: Desk, company: Company) -> None:
    made = await desk.invite(company.admin, role="hr")
    await becomes(desk, company, company.admin, MembershipRemoved)
    await desk.post_mails()
    assert await desk.mails_to(made["email"]) == []


async def test_what_is_over_already_stays_as_it_is(desk: Desk, company: Company) -> None:
    accepted = await desk.invite(company.admin, "accepted@example.com", role="hr")
    await desk.join(company, "accepted@example.com", invitation_id=accepted["id"])
    overdue = await desk.invite(company.admin, "overdue@example.com", role="hr", expires_in_days=1)
    desk.clock.advance(timedelta(days=1))
    await becomes(desk, company, company.admin, MembershipRemoved)

    for made, status in ((accepted, "accepted"), (overdue, "expired")):
        assert (await desk.read(company.owner, made["id"]))["status"] == status
    assert await desk.told("revoked") == []
    assert [each["email"] for each in await desk.told("expired")] == ["overdue@example.com"]


async def test_who_leaves_by_nobodys_hand_takes_them_back_themselves(desk: Desk, company: Company) -> None:
    await desk.invite(company.admin, role="hr")
    await becomes(desk, company, company.admin, MembershipRemoved, changed_by=None)
    [told] = await desk.told("revoked")
    assert told["revoked_by"] == str(company.admin.subject)


async def test_if_the_news_was_lost_a_repair_takes_them_back(desk: Desk, company: Company) -> None:
    await desk.join(company, "inviter@example.com", user_id=company.admin.subject, role=Role.ADMIN)
    await desk.invite(company.admin, role="admin")
    left_over = Difference(Drift.LEFT_OVER, (company.id, company.admin.subject), owner=None, here={})
    [members] = [replica for replica in desk.service.replicas if replica.name == "invitations.members"]
    await members.repair(left_over, sequence=100)
    assert await standing(desk, company) == set()


async def test_what_is_left_of_those_who_were_gone_before_is_not_sent_again(desk: Desk, company: Company) -> None:
    """From a release that took nothing back: the link would lead nowhere."""
    await is_now(desk, company, company.owner, Role.OWNER)
    made = await offers(desk, company)
    gone = "UPDATE members SET email = '', name = '', role = NULL, status = NULL WHERE user_id = $1"
    await desk.rows(gone, company.owner.subject)

    async def resend(role: str) -> tuple[int, str | None]:
        answer = await desk.post(f"/api/invitations/{made[role]['id']}/resend", company.admin)
        return answer.status_code, answer.json().get("code")

    assert await resend("admin") == (409, "invitation_not_pending")
    assert await resend("member") == (200, None)
    assert (await desk.invite(company.admin, "admin@example.com", role="admin"))["id"] == made["admin"]["id"]
    assert await resend("admin") == (200, None)


async def test_each_is_left_as_what_it_was(desk: Desk, company: Company) -> None:
    """One whose mail has gone out, one whose mail waits, and one whose time is over."""
    for name, days in (("sent", 7), ("waits", 7), ("over", 1)):
        await desk.invite(company.admin, f"{name}@example.com", role="hr", expires_in_days=days)
    await desk.rows("UPDATE invitations SET delivery_status = 'sent' WHERE email = 'sent@example.com'")
    await desk.rows(
        "UPDATE mails SET status = 'sent', finished_at = now(), content = NULL WHERE recipient = 'sent@example.com'"
    )
    desk.clock.advance(timedelta(days=2))
    await becomes(desk, company, company.admin, MembershipRemoved)

    rows = await desk.rows("SELECT email, status, delivery_status FROM invitations")
    assert {row["email"].partition("@")[0]: (row["status"], row["delivery_status"]) for row in rows} == {
        "sent": ("revoked", "sent"),
        "waits": ("revoked", "failed"),
        "over": ("expired", "queued"),
    }


async def test_thousands_go_in_as_few_statements_as_three(desk: Desk, company: Company) -> None:
    """What else is told of waits for them: that others have gone, who could still come back meanwhile."""
    sent = []
    for inviter, number in ((company.owner, 3), (company.admin, 30)):
        for each in range(number):
            await desk.invite(inviter, f"{inviter.role}{each}@example.com", role="hr")
        before = statements()
        await becomes(desk, company, inviter, MembershipRemoved)
        sent.append(statements() - before)
    assert await standing(desk, company) == set()
    assert sent[0] == sent[1] > 0


def statements() -> float:
    """How many were sent by this process."""
    samples = [sample for metric in STATEMENT_SECONDS.collect() for sample in metric.samples]
    return sum(sample.value for sample in samples if sample.name.endswith("_count"))
