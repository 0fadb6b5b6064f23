"""Sends letters through a mail server."""

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import aiosmtplib
from aiosmtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPResponseException

from shared.addresses import UNREADABLE
from shared.contracts.email import domain_of
from shared.mail.message import Letter
from shared.mail.transport import MailRefused

DEADLINE_SECONDS = 60.0
STEP_SECONDS = 20.0
QUIT_SECONDS = 2.0
PERMANENT = 500
"""From here on, a reply means never (RFC 5321, section 4.2.1)."""

_PORTS = {"smtp": 25, "smtps": 465}


class Encryption(StrEnum):
    """When the connection to the mail server is encrypted."""

    FROM_THE_START = "from_the_start"
    REQUIRED = "required"
    OPPORTUNISTIC = "opportunistic"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where the mail server is and how to speak to it."""

    host: str
    port: int
    encryption: Encryption
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, url: str) -> "SmtpServer":
        """Read ``smtp://user:password@host:25?starttls=required`` or ``smtps://…``.

        ``starttls`` is ``required``, ``opportunistic`` (encrypt if the server can, whoever it is) or ``never``; when
        it is not given, a password makes it ``required``, so that none travels in clear by oversight. The
        ``ValueError`` for anything else says what to write, and shows nothing of the URL.
        """
        parts, port = _split(url)
        return cls(
            host=parts.hostname or "",
            port=port or _PORTS[parts.scheme],
            encryption=_encryption(parts),
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )


@dataclass(frozen=True, slots=True)
class SmtpTransport:
    """One connection per letter. ``tls`` replaces the system's idea of whom to trust."""

    server: SmtpServer
    tls: ssl.SSLContext | None = None
    deadline_seconds: float = DEADLINE_SECONDS

    async def send(self, letter: Letter) -> None:
        """Hand ``letter`` to the server, to exactly its recipient, within the deadline."""
        client = self._client(domain_of(letter.sender))
        try:
            async with asyncio.timeout(self.deadline_seconds):
                await client.connect()
                await client.sendmail(letter.sender, [letter.recipient], letter.message.as_bytes())
            await _take_leave(client)
        except (SMTPException, OSError) as error:
            raise _refusal(error) from error
        finally:
            client.close()

    def _client(self, own_name: str) -> aiosmtplib.SMTP:
        encryption = self.server.encryption
        return aiosmtplib.SMTP(
            hostname=self.server.host,
            port=self.server.port,
            username=self.server.user,
            password=self.server.password,
            local_hostname=own_name,
            timeout=min(STEP_SECONDS, self.deadline_seconds),
            use_tls=encryption is Encryption.FROM_THE_START,
            start_tls={Encryption.REQUIRED: True, Encryption.OPPORTUNISTIC: None}.get(encryption, False),
            # Who can show a false certificate can as well hide STARTTLS: opportunistic checks none (RFC 7435).
            validate_certs=encryption is not Encryption.OPPORTUNISTIC,
            tls_context=None if encryption is Encryption.OPPORTUNISTIC else self.tls,
        )


async def _take_leave(client: aiosmtplib.SMTP) -> None:
    # The server has taken the letter; nothing that goes wrong from here on makes that undone.
    with suppress(SMTPException, OSError):
        await client.quit(timeout=QUIT_SECONDS)


def _refusal(error: SMTPException | OSError) -> MailRefused:
    """Only a "no, never" (5xx) to this recipient or this content is permanent.

    A refused password, sender or greeting says something of our set-up, which an operator will mend.
    """
    if isinstance(error, SMTPRecipientsRefused):
        answer: SMTPResponseException = error.recipients[0]
        return MailRefused(f"{answer.code} {answer.message}", permanent=answer.code >= PERMANENT)
    if isinstance(error, SMTPResponseException):
        permanent = isinstance(error, SMTPDataError) and error.code >= PERMANENT
        return MailRefused(f"{error.code} {error.message}", permanent=permanent)
    return MailRefused(f"The mail server cannot be reached ({type(error).__name__}).", permanent=False)


def _split(url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(UNREADABLE) from None  # the library's own words hold a piece of it
    if parts.scheme not in _PORTS or not parts.hostname or parts.path not in ("", "/") or parts.fragment:
        raise ValueError("write it as smtp://user:password@host:port or smtps://user:password@host:port")
    return parts, port


def _encryption(parts: SplitResult) -> Encryption:
    match parts.scheme, parse_qsl(parts.query, keep_blank_values=True):
        case "smtps", []:
            return Encryption.FROM_THE_START
        case "smtp", []:
            return Encryption.REQUIRED if parts.password else Encryption.OPPORTUNISTIC
        case "smtp", [("starttls", "required" | "opportunistic" | "never" as wanted)]:
            return Encryption(wanted)
    raise ValueError("after ? an smtp:// address takes starttls=required, starttls=opportunistic or starttls=never")
