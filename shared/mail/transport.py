"""What carries a letter away, and the one way in which that fails."""

from typing import Protocol

from shared.mail.message import Letter, one_line

LONGEST_REASON = 300


class MailTransport(Protocol):
    """A way to get letters to their recipients."""

    async def send(self, letter: Letter) -> None:
        """Return when somebody else has taken responsibility for ``letter``; ``MailRefused`` otherwise."""


class MailRefused(Exception):
    """A letter that did not go out. ``permanent``: it never will; otherwise trying again may help.

    ``reason`` is one line for the person who wonders where the mail is.
    """

    def __init__(self, reason: str, *, permanent: bool) -> None:
        readable = reason.encode(errors="replace").decode()  # of octets in another encoding nothing could be stored
        self.reason = one_line(readable)[:LONGEST_REASON]
        self.permanent = permanent
        super().__init__(self.reason)
