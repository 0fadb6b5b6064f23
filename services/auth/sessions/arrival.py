"""How somebody comes who is to be signed in."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from services.auth.domain.sessions import Session
from services.auth.domain.sign_in_methods import BY_LINK, Methods
from shared.http.client_info import Client

NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Arrival:
    """On which device, and by which methods they have shown who they are.

    ``invited``: they bring an invitation that lets them in now. It was sent to the mailbox, and counts as a link for
    the tenant that sent it; for no other, since whoever makes an invitation sees its link. ``signed_in_at``: when they
    have shown it, if not now. ``until``: the session that begins ends no later.
    """

    client: Client
    methods: Methods
    invited: bool = False
    signed_in_at: datetime | None = None
    until: datetime = NEVER

    @classmethod
    def within(cls, own: Session, client: Client, *, invited: bool = False) -> Self:
        """Of whoever asks in their session ``own``, and has not signed in anew for that."""
        return cls(client, own.methods, invited, own.signed_in_at, own.expires_at)

    @property
    def counts_as(self) -> Methods:
        """What the tenant judges that they come to; their session stands for ``methods`` alone."""
        return self.methods | BY_LINK if self.invited else self.methods
