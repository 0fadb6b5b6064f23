"""The development mailbox: letters are kept in a Maildir instead of being sent, and read back from there."""

import asyncio
import email
import hashlib
import os
import re
import time
from dataclasses import dataclass
from datetime import datetime
from email.policy import default
from functools import lru_cache
from pathlib import Path

from shared.contracts.email import Email, InvalidEmail, parse_email
from shared.ids import new_id
from shared.mail.message import Letter
from shared.mail.transport import MailRefused

MOST_ENTRIES = 500
_LINK = re.compile(r"https?://[^\s<>\"']+")
_END_OF_SENTENCE = ".,;:!?)]"


@dataclass(frozen=True, slots=True)
class MailboxEntry:
    """One kept mail; ``links`` are those of its text, each once, in their order."""

    to: str
    subject: str
    text: str
    links: list[str]
    at: datetime


@dataclass(frozen=True, slots=True)
class MaildirTransport:
    """Keeps letters in ``folder``, which is made when needed, for its owner's eyes only: the links work."""

    folder: Path

    async def send(self, letter: Letter) -> None:
        """Keep ``letter``; readers see it whole or not at all, however many processes share the folder."""
        try:
            await asyncio.to_thread(_deliver, self.folder, letter)
        except OSError as error:
            raise MailRefused(f"The mailbox folder cannot be written: {error.strerror}.", permanent=False) from error


async def read_mailbox(folder: Path, to: str | None = None) -> list[MailboxEntry]:
    """The newest 500 mails, newest first; with ``to``, the newest 500 to that address.

    A folder that is not there yet is an empty mailbox. Files that are no complete mail are passed over.
    """
    return await asyncio.to_thread(_read, folder, to)


def _deliver(folder: Path, letter: Letter) -> None:
    for part in ("tmp", "new", "cur"):
        (folder / part).mkdir(mode=0o700, parents=True, exist_ok=True)
    # The name is unique, sorts by time, and ends with a mark of the recipient by which a reader finds it unopened.
    name = f"{time.time_ns()}.{new_id().hex}.{_mark(letter.recipient)}"
    descriptor = os.open(folder / "tmp" / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(letter.message.as_bytes(policy=letter.message.policy.clone(linesep="\n")))
    (folder / "tmp" / name).rename(folder / "new" / name)


def _read(folder: Path, to: str | None) -> list[MailboxEntry]:
    try:
        ending = f".{_mark(parse_email(to))}" if to is not None else ""
    except InvalidEmail:
        return []
    files = [file for part in ("new", "cur") for file in (folder / part).glob(f"*{ending}")]
    newest = sorted(files, key=lambda file: file.name, reverse=True)[:MOST_ENTRIES]
    return [entry for file in newest if (entry := _entry_if_there(file))]


def _entry_if_there(file: Path) -> MailboxEntry | None:
    try:
        return _entry(file)
    except OSError:
        return None  # taken away meanwhile, or no file


# A file never changes, and to read one takes milliseconds, which whoever looks again and again waits for.
@lru_cache(maxsize=2 * MOST_ENTRIES)
def _entry(file: Path) -> MailboxEntry | None:
    message = email.message_from_bytes(file.read_bytes(), policy=default)
    # Letters are multipart. One that was cut short lacks the boundary that ends it, which shows as a defect, or has
    # lost even the header that says so.
    if message.defects or not message.is_multipart():
        return None
    body, to, date = message.get_body(("plain",)), message["To"], message["Date"]
    if body is None or not to or not to.addresses or not date or date.datetime is None:
        return None
    text = body.get_content()
    return MailboxEntry(to.addresses[0].addr_spec, str(message["Subject"]), text, _links(text), date.datetime)


def _links(text: str) -> list[str]:
    return list(dict.fromkeys(link.rstrip(_END_OF_SENTENCE) for link in _LINK.findall(text)))


def _mark(recipient: Email) -> str:
    return hashlib.sha256(recipient.encode()).hexdigest()[:16]
