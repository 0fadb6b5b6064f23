"""Inviting an address that was invited before."""

import asyncio
from datetime import timedelta

from tests.integration.invitations.company import Company
from tests.integration.invitations.desk import Desk, token_in


async def test_the_same_address_again_is_the_same_invitation_freshly_sent(desk: Desk, company: Company) -> None:
    """sentry#16533: the expiry starts anew."""
    first = await desk.invite(company.admin, role="hr")
    desk.clock.advance(timedelta(days=3))
    answer = await desk.post("/api/invitations", company.admin, email="ANN@example.com", expires_in_days=30)

    assert answer.status_code == 200
    second = answer.json()
    assert second["id"] == first["id"]
    assert second["created_at"] == first["created_at"]
    assert second["expires_at"] > first["expires_at"]
    assert second["role"] == "member"
    assert second["delivery"]["status"] == "queued"
    assert token_in(second) != token_in(first)


async def test_the_old_link_is_dead_and_the_new_one_works(desk: Desk, company: Company) -> None:
    first = await desk.invite(company.admin)
    second = await desk.invite(company.admin)

    assert (await desk.reserve(token_in(first))).json()["code"] == "invitation_not_found"
    assert (await desk.reserve(token_in(second))).status_code == 200


async def test_only_the_newest_mail_goes_out(desk: Desk, company: Company) -> None:
    await desk.invite(company.admin)
    second = await desk.invite(company.admin)
    await desk.post_mails()

    [mail] = await desk.mails_to("ann@example.com")
    assert mail.links == [second["invite_url"]]


async def test_who_asks_again_answers_for_the_new_terms(desk: Desk, company: Company) -> None:
    await desk.invite(company.admin)
    again = await desk.invite(company.owner, role="owner")

    assert again["invited_by"] == str(company.owner.subject)
    told = await desk.told("created")
    assert [(event["role"], event["invited_by"]) for event in told] == [
        ("member", str(company.admin.subject)),
        ("owner", str(company.owner.subject)),
    ]


async def test_an_expired_address_can_be_invited_again(desk: Desk, company: Company) -> None:
    """supabase#134"""
    first = await desk.invite(company.admin, expires_in_days=1)
    desk.clock.advance(timedelta(days=1))
    second = await desk.post("/api/invitations", company.admin, email="ann@example.com")

    assert second.status_code == 201
    assert second.json()["id"] != first["id"]
    assert (await desk.read(company.admin, first["id"]))["status"] == "expired"
    assert [event["invitation_id"] for event in await desk.told("expired")] == [first["id"]]
    assert (await desk.reserve(token_in(first))).json()["code"] == "invitation_expired"


async def test_a_revoked_address_can_be_invited_again(desk: Desk, company: Company) -> None:
    first = await desk.invite(company.admin)
    await desk.post(f"/api/invitations/{first['id']}/revoke", company.admin)
    second = await desk.post("/api/invitations", company.admin, email="ann@example.com")

    assert second.status_code == 201
    assert (await desk.reserve(token_in(first))).json()["code"] == "invitation_revoked"


async def test_while_the_person_is_joining_nobody_gets_in_between(desk: Desk, company: Company) -> None:
    made = await desk.invite(company.admin, expires_in_days=1)
    desk.clock.advance(timedelta(hours=23, minutes=59, seconds=30))
    assert (await desk.reserve(token_in(made))).status_code == 200
    for wait in (0, 45):  # the second time the invitation has run out, but the person came in time
        desk.clock.advance(timedelta(seconds=wait))
        answer = await desk.post("/api/invitations", company.admin, email="ann@example.com")
        assert (answer.status_code, answer.json()["code"]) == (409, "invitation_reserved")


async def test_however_many_invite_one_address_at_once_there_is_one_invitation(desk: Desk, company: Company) -> None:
    body = {"email": "ann@example.com"}
    answers = await asyncio.gather(*(desk.post("/api/invitations", company.admin, **body) for _ in range(20)))

    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    works = [(await desk.reserve(token_in(answer.json()))).status_code for answer in answers]
    assert sorted(works) == [200] + [404] * 19


async def test_two_tenants_may_invite_one_address(desk: Desk, company: Company, rival: Company) -> None:
    ours, theirs = await desk.invite(company.admin), await desk.invite(rival.admin)

    assert (await desk.reserve(token_in(ours))).json()["tenant_id"] == str(company.id)
    assert (await desk.reserve(token_in(theirs))).json()["tenant_id"] == str(rival.id)
