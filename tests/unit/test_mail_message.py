"""What a mail server gets: what the standards ask for, and nothing that somebody slipped in."""

import email
import email.policy
from datetime import UTC, datetime
from email.message import EmailMessage
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.email import InvalidEmail, parse_email
from shared.ids import new_id
from shared.mail.message import Letter, Mail, Sender, compose, one_line

ANNA = parse_email("anna@company.com")
SENDER = Sender(parse_email("no-reply@sparknode.example"), "SparkNode")
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MAIL_ID = UUID("019c0000-0000-7000-8000-000000000001")

ATOM = st.text("abcxyz019+_'-", min_size=1, max_size=64)
LABEL = st.from_regex(r"[a-z0-9]{1,60}", fullmatch=True)
ADDRESSES = st.builds(
    "{}@{}.com".format, ATOM, st.lists(LABEL, min_size=1, max_size=4).map(".".join).filter(lambda d: len(d) < 180)
).map(parse_email)
PROSE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200).map(one_line)


def sent(mail: Mail, sender: Sender = SENDER) -> EmailMessage:
    """The message as its recipient reads it."""
    return received(compose(mail, sender, mail_id=MAIL_ID, at=NOON))


def received(letter: Letter) -> EmailMessage:
    octets = letter.message.as_bytes().replace(b"\r\n", b"\n")
    return email.message_from_bytes(octets, policy=email.policy.default)


def test_a_message_has_all_that_the_standards_ask_for() -> None:
    message = sent(Mail(ANNA, "Welcome", "Hello Anna\n", "<p>Hello Anna</p>\n"))
    assert message["Message-ID"] == f"<{MAIL_ID}@sparknode.example>"
    assert message["Date"].datetime == NOON
    assert message["From"] == "SparkNode <no-reply@sparknode.example>"
    assert message["To"] == "anna@company.com"
    assert message["Subject"] == "Welcome"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["MIME-Version"] == "1.0"
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert [part.get_content() for part in message.iter_parts()] == ["Hello Anna\n", "<p>Hello Anna</p>\n"]


@given(ADDRESSES, ADDRESSES, PROSE, PROSE)
def test_the_header_says_exactly_what_the_envelope_says(to: str, sender: str, name: str, subject: str) -> None:
    """CVE-2023-27043: however long the address and odd the name."""
    mail = Mail(parse_email(to), subject, "", "")
    letter = compose(mail, Sender(parse_email(sender), name), mail_id=MAIL_ID, at=NOON)
    message = received(letter)
    assert [address.addr_spec for address in message["To"].addresses] == [letter.recipient] == [to]
    assert [address.addr_spec for address in message["From"].addresses] == [letter.sender] == [sender]
    assert message["Message-ID"] == f"<{MAIL_ID}@{sender.partition('@')[2]}>"
    assert not message.defects


@given(PROSE, st.text(st.characters(exclude_categories=["Cs"]), max_size=2000))
def test_every_text_travels_as_short_ascii_lines(subject: str, text: str) -> None:
    octets = compose(Mail(ANNA, subject, text, text), SENDER, mail_id=MAIL_ID, at=NOON).message.as_bytes()
    assert octets.isascii()
    assert all(len(line) <= 998 and b"\r" not in line for line in octets.split(b"\r\n"))
    assert b"\n" not in octets.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    "subject", ["Hi\r\nBcc: v@corp.com", "Hi\nthere", "Hi\r", "Hi\x00", "Hi\u2028there", "Hi\u202emoc.live"]
)
def test_a_subject_cannot_bring_headers_along(subject: str) -> None:
    """CVE-2022-35924: the line break never gets as far as the message."""
    with pytest.raises(ValueError, match="subject is one line"):
        Mail(ANNA, subject, "", "")
    assert "Bcc" not in sent(Mail(ANNA, one_line(subject), "", ""))


def test_a_sender_cannot_bring_headers_along() -> None:
    with pytest.raises(ValueError, match="sender's name is one line"):
        Sender(ANNA, "SparkNode\r\nBcc: v@corp.com")


@pytest.mark.parametrize(
    ("text", "sender"),
    [
        (
            "SparkNode <No-Reply@Localhost.LocalDomain>",
            Sender(parse_email("no-reply@localhost.localdomain"), "SparkNode"),
        ),
        ('"Acme, Inc." <hr@acme.com>', Sender(parse_email("hr@acme.com"), "Acme, Inc.")),
        ("<hr@acme.com>", Sender(parse_email("hr@acme.com"))),
        (" hr@acme.com ", Sender(parse_email("hr@acme.com"))),
    ],
)
def test_a_sender_is_read_from_the_settings(text: str, sender: Sender) -> None:
    assert Sender.parse(text) == sender


@pytest.mark.parametrize("text", ["", "SparkNode", "<hr@acme.com", "a <b> <hr@acme.com>", "hr@acme.com, it@acme.com"])
def test_what_is_no_sender_is_refused(text: str) -> None:
    with pytest.raises((InvalidEmail, ValueError)):
        Sender.parse(text)


def test_two_mails_have_two_message_ids() -> None:
    mail = Mail(ANNA, "Hi", "", "")
    ids = {compose(mail, SENDER, mail_id=new_id(), at=NOON).message["Message-ID"] for _ in range(2)}
    assert len(ids) == 2
