"""The development mailbox: the mails that would have been sent, as a page and as JSON."""

from dataclasses import replace
from datetime import UTC
from pathlib import Path

from pydantic import RootModel
from starlette.requests import Request
from starlette.responses import Response

from gateway.pages.rendering import page
from shared.http.models import Answer, Timestamp
from shared.http.replies import reply
from shared.mail.maildir import MailboxEntry, read_mailbox


class MailAnswer(Answer):
    """One mail; ``links`` are those of its text."""

    to: str
    subject: str
    text: str
    links: list[str]
    at: Timestamp


class MailboxAnswer(RootModel[list[MailAnswer]]):
    """Newest first."""


class Mailbox:
    """Reads the Maildir folder that the services deliver to; ``?to=`` asks for one recipient's."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def as_page(self, request: Request) -> Response:
        """The page."""
        to = request.query_params.get("to") or None
        return page("mailbox.html.j2", mails=await self._mails(to), to=to)

    async def as_json(self, request: Request) -> Response:
        """The list."""
        mails = await self._mails(request.query_params.get("to"))
        return reply(MailboxAnswer([MailAnswer.model_validate(mail, from_attributes=True) for mail in mails]))

    async def _mails(self, to: str | None) -> list[MailboxEntry]:
        return [replace(mail, at=mail.at.astimezone(UTC)) for mail in await read_mailbox(self._folder, to)]
