"""Sending an invitation again, and taking it back."""

from datetime import datetime, timedelta

import pytest

from shared.ids import new_id
from tests.integration.invitations.company import Company
from tests.integration.invitations.desk import Desk, Json, token_in


def path_of(invitation: Json, action: str) -> str:
    return f"/api/invitations/{invitation['id']}/{action}"


async def test_a_resend_renews_the_link_and_the_expiry_on_the_same_terms(desk: Desk, company: Company) -> None:
    """sentry#16533, supabase#134"""
    made = await desk.invite(company.admin, role="hr", expires_in_days=30, message="See you")
    await desk.post_mails()
    desk.clock.advance(timedelta(days=29))
    answer = await desk.post(path_of(made, "resend"), company.owner)
    await desk.post_mails()

    assert answer.status_code == 200
    resent = answer.json()
    assert resent["role"] == "hr"
    assert resent["invited_by"] == str(company.admin.subject)
    assert datetime.fromisoformat(resent["expires_at"]) == datetime.fromisoformat(made["expires_at"]) + timedelta(29)
    newer, older = await desk.mails_to("ann@example.com")
    assert newer.links != older.links
    assert "> See you" in newer.text
    assert (await desk.reserve(token_in(made))).json()["code"] == "invitation_not_found"
    assert (await desk.reserve(token_in({"invite_url": newer.links[0]}))).status_code == 200


async def test_a_suspended_tenant_sends_nothing_again(desk: Desk, company: Company) -> None:
    """CVE-2024-47060"""
    made = await desk.invite(company.admin)
    await desk.suspend(company)
    before = await desk.everything()
    answer = await desk.post(path_of(made, "resend"), company.admin)

    assert (answer.status_code, answer.json()["code"]) == (403, "tenant_suspended")
    assert await desk.everything() == before


async def test_who_has_a_new_link_sent_is_told(desk: Desk, company: Company) -> None:
    """The audit trail would not say otherwise who killed the link before, and had another one made."""
    made = await desk.invite(company.admin)
    await desk.post(path_of(made, "resend"), company.owner)

    told = await desk.rows("SELECT type, actor, data ->> 'invited_by' AS invited_by FROM outbox ORDER BY position")
    assert [tuple(row) for row in told] == [
        ("invitations.invitation.created.v1", by.actor, str(company.admin.subject))
        for by in (company.admin, company.owner)
    ]


async def test_revoking_kills_the_link_and_is_told_once(desk: Desk, company: Company) -> None:
    """A revoked link is dead for everyone."""
    made = await desk.invite(company.admin)
    answers = [await desk.post(path_of(made, "revoke"), company.admin) for _ in range(2)]

    assert [(answer.status_code, answer.json()["status"]) for answer in answers] == [(200, "revoked")] * 2
    assert answers[0].json() == answers[1].json()
    refused = await desk.reserve(token_in(made))
    assert (refused.status_code, refused.json()["code"]) == (410, "invitation_revoked")
    [event] = await desk.told("revoked")
    assert (event["revoked_by"], event["reason"]) == (str(company.admin.subject), "taken_back")


async def test_the_mail_of_a_revoked_invitation_is_not_sent_any_more(desk: Desk, company: Company) -> None:
    made = await desk.invite(company.admin)
    revoked = (await desk.post(path_of(made, "revoke"), company.admin)).json()
    await desk.post_mails()

    assert await desk.mails_to("ann@example.com") == []
    assert revoked["delivery"]["status"] == "failed"
    assert "revoked before" in revoked["delivery"]["error"]


async def test_a_suspended_tenant_can_still_take_invitations_back(desk: Desk, company: Company) -> None:
    made = await desk.invite(company.admin)
    await desk.suspend(company)

    assert (await desk.post(path_of(made, "revoke"), company.admin)).status_code == 200


@pytest.mark.parametrize("action", ["resend", "revoke"])
async def test_only_a_pending_one_can_be_resent_or_revoked(desk: Desk, company: Company, action: str) -> None:
    accepted = await desk.invite(company.admin, "accepted@example.com")
    await desk.join(company, "accepted@example.com", invitation_id=accepted["id"])
    expired = await desk.invite(company.admin, "expired@example.com", expires_in_days=1)
    desk.clock.advance(timedelta(days=1))
    before = await desk.everything()

    for made in (accepted, expired):
        answer = await desk.post(path_of(made, action), company.admin)
        assert (answer.status_code, answer.json()["code"]) == (409, "invitation_not_pending")
    assert await desk.everything() == before


async def test_what_was_revoked_cannot_be_resent(desk: Desk, company: Company) -> None:
    made = await desk.invite(company.admin)
    await desk.post(path_of(made, "revoke"), company.admin)

    assert (await desk.post(path_of(made, "resend"), company.admin)).json()["code"] == "invitation_not_pending"


@pytest.mark.parametrize("action", ["resend", "revoke"])
async def test_while_the_person_is_joining_it_stays_as_it_is(desk: Desk, company: Company, action: str) -> None:
    made = await desk.invite(company.admin)
    await desk.reserve(token_in(made))
    desk.clock.advance(timedelta(seconds=59))
    answer = await desk.post(path_of(made, action), company.admin)
    assert (answer.status_code, answer.json()["code"]) == (409, "invitation_reserved")

    desk.clock.advance(timedelta(seconds=1))
    assert (await desk.post(path_of(made, action), company.admin)).status_code == 200


@pytest.mark.parametrize("action", ["", "/resend", "/revoke"])
async def test_an_id_that_names_nothing_is_not_found(desk: Desk, company: Company, action: str) -> None:
    method = "POST" if action else "GET"
    for name, code in ((str(new_id()), "invitation_not_found"), ("x", "not_found")):
        answer = await desk.ask(company.admin, method, f"/api/invitations/{name}{action}")
        assert (answer.status_code, answer.json()["code"]) == (404, code)
