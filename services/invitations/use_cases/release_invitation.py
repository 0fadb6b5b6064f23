"""Keep an invitation for nobody any more."""

from dataclasses import dataclass

from services.invitations.links import Link
from services.invitations.repository import invitations, look_up
from shared.contracts.email import Email
from shared.database import Database


@dataclass(frozen=True, slots=True)
class ReleaseInvitation:
    """A sign-up with this link has failed, so it can be taken back or sent again at once. Once more changes nothing."""

    database: Database

    async def __call__(self, link: Link, email: Email) -> None:
        async with self.database.look_up() as rows:
            found = await look_up.by_token(rows, link.hash)
        if found is None:
            return
        async with self.database.transaction(found.tenant_id) as tx:
            invitation = await invitations.lock(tx, found.invitation_id)
            if invitation.token_hash == link.hash and invitation.email == email:
                await invitations.save(tx, invitation.released())
