"""The development mailbox: what was kept is what is read back, whatever else lies in the folder."""

import asyncio
from datetime import UTC, datetime, timedelta
from errno import EMFILE
from pathlib import Path
from unittest.mock import Mock

import pytest

from shared.contracts.email import parse_email
from shared.ids import new_id
from shared.mail.maildir import MailboxEntry, MaildirTransport, read_mailbox
from shared.mail.message import Letter, Mail, Sender, compose
from shared.mail.transport import MailRefused

SENDER = Sender(parse_email("no-reply@sparknode.example"), "SparkNode")
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "mailbox"


def letter(
    to: str = "anna@company.com", subject: str = "Welcome", text: str = "Hello\n", at: datetime = NOON
) -> Letter:
    return compose(Mail(parse_email(to), subject, text, f"<p>{text}</p>"), SENDER, mail_id=new_id(), at=at)


async def test_a_letter_is_read_back_as_it_was_sent(folder: Path) -> None:
    text = (
        "Grüße! Open https://app.example/signup?token=a_b-c&email=anna%40company.com.\nOr (https://app.example/help)\n"
    )
    await MaildirTransport(folder).send(letter(subject="Grüße", text=text * 2))
    assert await read_mailbox(folder) == [
        MailboxEntry(
            to="anna@company.com",
            subject="Grüße",
            text=text * 2,
            links=["https://app.example/signup?token=a_b-c&email=anna%40company.com", "https://app.example/help"],
            at=NOON,
        )
    ]


async def test_a_link_of_any_length_survives(folder: Path) -> None:
    link = "https://app.example/signup?token=" + "t" * 1500
    await MaildirTransport(folder).send(letter(text=f"Hello\n\n{link}\n"))
    (entry,) = await read_mailbox(folder)
    assert entry.links == [link]


async def test_newest_first_whatever_the_dates_say(folder: Path) -> None:
    transport = MaildirTransport(folder)
    for number in range(5):
        await transport.send(letter(subject=str(number), at=NOON - timedelta(hours=number)))
    assert [entry.subject for entry in await read_mailbox(folder)] == ["4", "3", "2", "1", "0"]


async def test_one_person_finds_theirs_in_whatever_case_they_ask(folder: Path) -> None:
    transport = MaildirTransport(folder)
    await transport.send(letter("anna@company.com"))
    await transport.send(letter("hanna@company.com"))
    await transport.send(letter("anna@company.com.test"))
    assert [entry.to for entry in await read_mailbox(folder, "Anna@Company.COM")] == ["anna@company.com"]
    assert await read_mailbox(folder, "nobody@company.com") == []
    assert await read_mailbox(folder, "no address") == []
    assert await read_mailbox(folder, "*") == []


@pytest.mark.slow
async def test_the_newest_five_hundred_are_shown_and_a_person_finds_theirs_among_many_more(folder: Path) -> None:
    transport = MaildirTransport(folder)
    await transport.send(letter("anna@company.com", subject="the oldest"))
    for number in (0, 1, 2):
        await transport.send(letter("bulk@company.com", subject=str(number)))
    middle = max((folder / "new").iterdir())
    for number in range(497):
        middle.with_name(middle.name.replace(".", f".{number}.", 1)).hardlink_to(middle)
    await transport.send(letter("bulk@company.com", subject="500"))
    everything = await read_mailbox(folder)
    assert len(everything) == 500
    assert (everything[0].subject, everything[-1].subject) == ("500", "1")
    assert [entry.subject for entry in await read_mailbox(folder, "anna@company.com")] == ["the oldest"]


async def test_letters_that_arrive_together_are_all_kept(folder: Path) -> None:
    transports = [MaildirTransport(folder) for _ in range(3)]
    await asyncio.gather(*(transport.send(letter()) for transport in transports for _ in range(30)))
    assert len(await read_mailbox(folder)) == 90
    assert list((folder / "tmp").iterdir()) == []


async def test_a_mailbox_that_is_not_there_yet_is_empty(folder: Path) -> None:
    assert await read_mailbox(folder) == []


async def test_half_a_letter_is_passed_over(folder: Path) -> None:
    await MaildirTransport(folder).send(letter(text="Hello\n\nhttps://app.example/signup?token=0123456789\n"))
    (whole,) = (folder / "new").iterdir()
    octets = whole.read_bytes()
    for length in range(0, len(octets) - 1, 7):
        (folder / "new" / f"9{length:09}.half").write_bytes(octets[:length])
    assert [entry.links for entry in await read_mailbox(folder)] == [["https://app.example/signup?token=0123456789"]]


async def test_what_else_lies_in_the_folder_does_no_harm(folder: Path) -> None:
    transport = MaildirTransport(folder)
    await transport.send(letter())
    (folder / "new" / "9999999999.folder").mkdir()
    (folder / "new" / "9999999998.dangling").symlink_to(folder / "nowhere")
    (folder / "new" / "9999999997.noise").write_bytes(bytes(range(256)))
    (folder / "cur" / "9999999996.odd").write_bytes(b"To: ,;<>\nSubject: =?x?q?=\nDate: yesterday\n\nhi\n")
    parts = b"--x\nContent-Type: text/plain\n\nhi\n--x--\n"
    (folder / "cur" / "9999999995.nobodys").write_bytes(b"Content-Type: multipart/mixed; boundary=x\n\n" + parts)
    (folder / "tmp" / "9999999995.unfinished").write_bytes(b"To: anna@company.com\n")
    assert len(await read_mailbox(folder)) == 1


async def test_the_mailbox_is_for_its_owners_eyes_only(folder: Path) -> None:
    await MaildirTransport(folder).send(letter())
    (kept,) = (folder / "new").iterdir()
    assert (folder / "new").stat().st_mode & 0o077 == 0
    assert kept.stat().st_mode & 0o077 == 0


async def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(MailRefused, match="mailbox folder cannot be written") as caught:
        await MaildirTransport(tmp_path / "file" / "mailbox").send(letter())
    assert not caught.value.permanent


async def test_what_is_remembered_of_letters_is_neither_a_failure_nor_one_that_is_gone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await MaildirTransport(folder).send(letter())
    with monkeypatch.context() as busy:
        busy.setattr(Path, "read_bytes", Mock(side_effect=OSError(EMFILE, "Too many open files")))
        assert await read_mailbox(folder) == []
    assert len(await read_mailbox(folder)) == 1
    next((folder / "new").iterdir()).unlink()
    assert await read_mailbox(folder) == []
