"""The mailbox page of a development installation."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shared.contracts.email import parse_email
from shared.ids import new_id
from shared.mail.maildir import MaildirTransport
from shared.mail.message import Mail, Sender, compose
from tests.integration.gateway.backend import Backend
from tests.integration.gateway.front import running

AT = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)


async def deliver(folder: Path, to: str, subject: str, text: str) -> None:
    mail = Mail(parse_email(to), subject, text, f"<p>{text}</p>")
    await MaildirTransport(folder).send(compose(mail, Sender.parse("us@company.com"), mail_id=new_id(), at=AT))


async def test_it_shows_what_would_have_been_sent(backend: tuple[str, Backend], tmp_path: Path) -> None:
    async with running(*backend, mailbox_dir=tmp_path) as front:
        assert (await front.http.get("/dev/mailbox.json")).json() == []
        assert "Nothing yet" in (await front.http.get("/dev/mailbox")).text
        await deliver(tmp_path, "one@company.com", "First", "Hello.")
        await deliver(tmp_path, "two@company.com", "Second", "Go to http://localhost/verify?token=a&x=1 now.")
        mails = (await front.http.get("/dev/mailbox.json?to=two@company.com")).json()
        assert len(mails) == 1
        assert mails[0].pop("text").strip() == "Go to http://localhost/verify?token=a&x=1 now."
        assert mails[0] == {
            "to": "two@company.com",
            "subject": "Second",
            "links": ["http://localhost/verify?token=a&x=1"],
            "at": "2030-01-02T03:04:05Z",
        }
        assert len((await front.http.get("/dev/mailbox.json")).json()) == 2
        assert "First" not in (await front.http.get("/dev/mailbox?to=two@company.com")).text


async def test_a_mail_cannot_put_anything_into_the_page(backend: tuple[str, Backend], tmp_path: Path) -> None:
    async with running(*backend, mailbox_dir=tmp_path) as front:
        await deliver(tmp_path, "one@company.com", "<script>alert(1)</script>", '<img src=x onerror="x">')
        page = (await front.http.get("/dev/mailbox?to=one@company.com")).text
        assert "&lt;script&gt;" in page
        assert "<script>" not in page
        assert "<img" not in page


async def test_without_a_mailbox_there_is_no_such_page(backend: tuple[str, Backend], tmp_path: Path) -> None:
    without: tuple[dict[str, Any], ...] = ({}, {"mailbox_dir": tmp_path, "smtp_url": "smtp://localhost"})
    for given in without:
        async with running(*backend, **given) as front:
            assert (await front.http.get("/dev/mailbox")).status_code == 404
            assert (await front.http.get("/dev/mailbox.json")).status_code == 404
