"""The link of an invitation: shown once to who invites, mailed to who is invited, kept by nobody."""

from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlencode

from shared.contracts.email import Email
from shared.ids import new_token, token_hash


@dataclass(frozen=True, slots=True)
class Link:
    """The secret of one invitation."""

    token: str = field(repr=False)

    @classmethod
    def new(cls) -> Self:
        """One with 256 fresh random bits."""
        return cls(new_token())

    @property
    def hash(self) -> bytes:
        """What is stored of it."""
        return token_hash(self.token)

    def url(self, public_url: str, email: Email) -> str:
        """Where it leads: the sign-up page at the configured address, never at one that a request named."""
        return f"{public_url}/signup?{urlencode({'token': self.token, 'email': email})}"
