"""A real mail server of the tests, whose every answer a test can choose."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from shared.contracts.email import parse_email
from shared.ids import new_id
from shared.mail.message import Letter, Mail, Sender, compose
from shared.mail.smtp import SmtpServer, SmtpTransport

SENDER = Sender(parse_email("no-reply@sparknode.example"), "SparkNode")

Serve = Callable[..., Awaitable[int]]
"""Starts a server that speaks a protocol on a free port, and says on which."""


@dataclass(slots=True)
class Inbox:
    """What the mail server got, and what it says at which step; ``None`` is yes."""

    to_sender: str | None = None
    to_recipient: str | None = None
    to_data: str | None = None
    answers_quit: bool = True
    letters: list[Envelope] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)

    async def handle_MAIL(self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]) -> str:
        if self.to_sender is None:
            envelope.mail_from = address
        return self.to_sender or "250 OK"

    async def handle_RCPT(self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]) -> str:
        if self.to_recipient is None:
            envelope.rcpt_tos.append(address)
        return self.to_recipient or "250 OK"

    async def handle_DATA(self, _: SMTP, session: Session, envelope: Envelope) -> str:
        if self.to_data is None:
            self.letters.append(envelope)
            self.sessions.append(session)
        return self.to_data or "250 taken"

    async def handle_QUIT(self, _: SMTP, __: Session, ___: Envelope) -> str:
        if not self.answers_quit:
            await asyncio.Event().wait()
        return "221 bye"

    def server(self, **options: Any) -> SMTP:
        """A connection to this inbox."""
        # Without a name of its own it would ask the resolver for one.
        return SMTP(self, hostname="mail.test", loop=asyncio.get_running_loop(), **options)


class Hello(asyncio.Protocol):
    """Greets, and says yes to everything: the ground for servers that misbehave."""

    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(b"220 hello\r\n")

    def data_received(self, _: bytes) -> None:
        self.transport.write(b"250 OK\r\n")


def letter(to: str = "anna@company.com", text: str = "Hello Anna\n") -> Letter:
    """Something to send."""
    mail = Mail(parse_email(to), "Welcome", text, f"<p>{text}</p>")
    return compose(mail, SENDER, mail_id=new_id(), at=datetime.now(UTC))


def transport(url: str, **options: Any) -> SmtpTransport:
    """The transport for a URL of the settings."""
    return SmtpTransport(SmtpServer.parse(url), **options)
