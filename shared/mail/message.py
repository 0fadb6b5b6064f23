"""One mail to one person, and the standards-conform message that a mail server gets."""

import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from typing import Any
from uuid import UUID

from shared.contracts.email import Email, domain_of, parse_email

# Line breaks and other controls, and the marks that turn the direction of writing around.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_SENDER = re.compile(r'\s*(?:"?(?P<name>[^"<>]*?)"?\s*<(?P<address>[^<>]*)>|(?P<bare>[^<>]*))\s*')


class _Policy(EmailPolicy):
    """Lines as SMTP wants them. A Message-ID is never folded, for the sake of software that takes the line as it is."""

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name == "Message-ID":
            return f"{name}: {value}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


# Any server takes 7bit: no need of 8BITMIME or SMTPUTF8.
_POLICY = _Policy(linesep="\r\n", cte_type="7bit")


@dataclass(frozen=True, slots=True)
class Mail:
    """What to tell whom, twice: as plain text and as HTML. ``subject`` is one line."""

    to: Email
    subject: str
    text: str
    html: str

    def __post_init__(self) -> None:
        _require_one_line("subject", self.subject)


@dataclass(frozen=True, slots=True)
class Sender:
    """From whom mails come."""

    address: Email
    name: str = ""

    def __post_init__(self) -> None:
        _require_one_line("sender's name", self.name)

    @classmethod
    def parse(cls, text: str) -> "Sender":
        """Read ``Name <address>`` or a bare address; ``InvalidEmail`` or ``ValueError`` for anything else."""
        parts = _SENDER.fullmatch(text)
        if parts is None:
            raise ValueError("a sender is written as: Name <address>")
        return cls(parse_email((parts["bare"] or parts["address"] or "").strip()), parts["name"] or "")


@dataclass(frozen=True, slots=True)
class Letter:
    """A message with the two addresses of its SMTP envelope, which are those of its From and To."""

    sender: Email
    recipient: Email
    message: EmailMessage


def compose(mail: Mail, sender: Sender, *, mail_id: UUID, at: datetime) -> Letter:
    """The letter for ``mail``. The Message-ID comes from ``mail_id``: sent twice, it is recognisably the same."""
    message = EmailMessage(policy=_POLICY)
    message["Message-ID"] = f"<{mail_id}@{domain_of(sender.address)}>"
    message["Date"] = at
    message["From"] = _address(sender.address, sender.name)
    message["To"] = _address(mail.to)
    message["Subject"] = mail.subject
    # Keeps holiday notes and other robots from answering (RFC 3834, section 5; the second one is Exchange's).
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return Letter(sender.address, mail.to, message)


def one_line(text: str) -> str:
    """``text`` as a single line without control characters, fit for a header."""
    return " ".join(_UNSEEN.sub(" ", text).split())


def _require_one_line(what: str, text: str) -> None:
    if _UNSEEN.search(text):
        raise ValueError(f"a {what} is one line without control characters")


def _address(email: Email, name: str = "") -> Address:
    local, _, domain = email.partition("@")
    return Address(name, local, domain)
