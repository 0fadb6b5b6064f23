"""What becomes of the mails, and how that is seen."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from shared.contracts.tenancy import Role
from shared.contracts.tenants import TenantUpdated
from shared.mail.message import Letter
from shared.mail.transport import MailRefused
from shared.mail.worker import Patience
from tests.integration.invitations.company import Company, tenant_event
from tests.integration.invitations.desk import Desk, token_in

ONE_TRY = Patience(attempts=1)


@dataclass(slots=True)
class Refusing:
    """A mail server that takes nothing, or after ``mood`` anything."""

    permanent: bool
    seen: list[str] = field(default_factory=list)

    async def send(self, letter: Letter) -> None:
        self.seen.append(letter.recipient)
        raise MailRefused("550 no such user", permanent=self.permanent)


@dataclass(slots=True)
class Slow:
    """A mail server that takes its time: until ``go`` is set."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, _: Letter) -> None:
        self.asked.set()
        await self.go.wait()


async def test_the_mail_says_who_invites_where_to_and_until_when(desk: Desk, company: Company) -> None:
    await desk.join(company, "ida@company.com", user_id=company.admin.subject, name="Ida Admin", role=Role.ADMIN)
    made = await desk.invite(company.admin, message="Welcome aboard!\nSee you on Monday.")
    await desk.post_mails()

    [mail] = await desk.mails_to("ann@example.com")
    assert mail.subject == "You are invited to join Company"
    assert "Ida Admin (ida@company.com) invites you to join Company" in mail.text
    assert mail.links[0] == made["invite_url"]
    assert "> Welcome aboard!\n> See you on Monday." in mail.text
    assert "ann@example.com only" in mail.text


async def test_who_has_left_sends_again_in_nobodys_name(desk: Desk, company: Company) -> None:
    """Their last access token is good for some minutes more, where no gateway has heard of it."""
    made = await desk.invite(company.owner)
    await desk.join(company, "ida@company.com", user_id=company.admin.subject, name="Ida Admin")
    await desk.leave(company, "ida@company.com", user_id=company.admin.subject)
    assert (await desk.post(f"/api/invitations/{made['id']}/resend", company.admin)).status_code == 200
    await desk.post_mails()

    [mail] = await desk.mails_to("ann@example.com")
    assert "()" not in mail.text


async def test_whoever_got_in_meanwhile_is_sent_no_invitation(desk: Desk, company: Company) -> None:
    made = await desk.invite(company.admin)
    await desk.join(company, "ann@example.com", invitation_id=made["id"])
    await desk.post_mails()

    assert await desk.mails_to("ann@example.com") == []
    assert (await desk.read(company.admin, made["id"]))["delivery"]["status"] == "failed"


async def test_strangers_read_the_display_name(desk: Desk, company: Company) -> None:
    settings = {"display_name": "The Friendly Company"}
    await desk.hear(tenant_event(TenantUpdated, company, settings=settings), company.id)
    made = await desk.invite(company.admin)
    await desk.post_mails()
    [mail] = await desk.mails_to("ann@example.com")
    assert mail.subject == "You are invited to join The Friendly Company"
    preview = await desk.auth_asks("/internal/invitations/preview", token=token_in(made))
    assert preview.json()["tenant_name"] == "The Friendly Company"


async def test_a_sent_mail_shows_and_is_told(desk: Desk, company: Company) -> None:
    made = await desk.invite(company.admin)
    desk.clock.advance(timedelta(seconds=5))
    await desk.post_mails()

    delivery = (await desk.read(company.admin, made["id"]))["delivery"]
    assert (delivery["status"], delivery["error"]) == ("sent", None)
    assert delivery["at"] > made["delivery"]["at"]
    assert [event["type"] for event in await desk.told()] == [
        "invitations.invitation.created.v1",
        "invitations.invitation.sent.v1",
    ]


@pytest.mark.parametrize(("permanent", "status"), [(True, "bounced"), (False, "failed")])
async def test_a_mail_that_does_not_arrive_shows_and_is_told(
    desk: Desk, company: Company, permanent: bool, status: str
) -> None:
    """sentry#124998: failed, never sent."""
    made = await desk.invite(company.admin)
    await desk.post_mails(Refusing(permanent), ONE_TRY)

    delivery = (await desk.read(company.admin, made["id"]))["delivery"]
    assert (delivery["status"], delivery["error"]) == (status, "550 no such user")
    assert await desk.told("sent") == []
    [event] = await desk.told("bounced")
    assert event["reason"] == "550 no such user"
    listed = (await desk.get("/api/invitations", company.admin, delivery=status)).json()["items"]
    assert [item["id"] for item in listed] == [made["id"]]


async def test_an_invitation_that_expired_before_its_mail_went_out_shows_as_failed(
    desk: Desk, company: Company
) -> None:
    made = await desk.invite(company.admin)
    desk.clock.advance(timedelta(days=7))
    await desk.post_mails()

    assert await desk.mails_to("ann@example.com") == []
    [listed] = (await desk.get("/api/invitations", company.admin, delivery="failed")).json()["items"]
    assert (listed["id"], listed["status"]) == (made["id"], "expired")
    assert "expired before it was known to be sent" in listed["delivery"]["error"]
    [event] = await desk.told("bounced")
    assert event["reason"] == listed["delivery"]["error"]


async def test_an_invitation_whose_mail_failed_can_be_sent_again(desk: Desk, company: Company) -> None:
    made = await desk.invite(company.admin)
    await desk.post_mails(Refusing(permanent=True))
    resent = await desk.post(f"/api/invitations/{made['id']}/resend", company.admin)
    assert resent.json()["delivery"]["status"] == "queued"
    assert resent.json()["delivery"]["error"] is None

    await desk.post_mails()
    assert (await desk.read(company.admin, made["id"]))["delivery"]["status"] == "sent"


async def test_the_fate_of_an_older_mail_says_nothing_of_the_newer(desk: Desk, company: Company) -> None:
    """The old one was on its way to the mail server when the invitation was sent again."""
    made = await desk.invite(company.admin)
    slow = Slow()
    posting = asyncio.ensure_future(desk.post_mails(slow))
    await asyncio.wait_for(slow.asked.wait(), 10)
    await desk.post(f"/api/invitations/{made['id']}/resend", company.admin)
    slow.go.set()
    await posting

    [first, second] = await desk.rows("SELECT status, content FROM mails ORDER BY created_at, id")
    assert {first["status"], second["status"]} == {"failed", "sent"}
    assert first["content"] is second["content"] is None
    assert (await desk.read(company.admin, made["id"]))["delivery"]["status"] == "sent"
    assert len(await desk.told("sent")) == 1


async def test_a_refused_invitation_sends_nothing(desk: Desk, company: Company) -> None:
    await desk.join(company, "ann@example.com")
    await desk.post("/api/invitations", company.admin, email="ann@example.com")

    assert await desk.rows("SELECT FROM mails") == []


async def test_resending_while_the_worker_records_never_locks_up(desk: Desk, company: Company) -> None:
    made = [await desk.invite(company.admin, f"n{number}@example.com") for number in range(20)]
    paths = [f"/api/invitations/{invitation['id']}/resend" for invitation in made]
    *answers, _ = await asyncio.gather(*(desk.post(path, company.admin) for path in paths), desk.post_mails())

    assert {answer.status_code for answer in answers if answer} == {200}
    states = (await desk.get("/api/invitations", company.admin)).json()["items"]
    assert {item["delivery"]["status"] for item in states} == {"sent"}
