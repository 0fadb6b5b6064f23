"""How somebody comes who is to be signed in."""

from dataclasses import dataclass
from datetime import UTC, datetime

from services.auth.domain.sign_in_methods import BY_LINK, Methods
from shared.http.client_info import Client

NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Arrival:
    """On which device, and by which methods they have shown who they are.

    ``invited``: they bring an invitation that lets them in now. It was sent to the mailbox, and counts as a link for
    the tenant that sent it; for no other, since whoever makes an invitation sees its link. ``until``: the end of the
    session in which they ask, and of the one that begins, for nobody has signed in anew.
    """

    client: Client
    methods: Methods
    invited: bool = False
    until: datetime = NEVER

    @property
    def counts_as(self) -> Methods:
        """What the tenant judges that they come to; their session stands for ``methods`` alone."""
        return self.methods | BY_LINK if self.invited else self.methods
