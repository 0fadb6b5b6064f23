"""Reserves an invitation for whom it lets in, and for nobody else."""

from dataclasses import dataclass, replace

from services.auth.domain.accounts import User
from services.auth.domain.enrolment import Evidence, decide
from services.auth.domain.invitations import Invitation, InvitationState, InvitationView
from services.auth.errors.joining import InvitationRevoked
from services.auth.joining.enrol import heard_of
from services.auth.joining.offers import stands
from services.auth.peers.invitations import InvitationsPeer
from services.auth.repository import memberships, tenants
from services.auth.sessions.arrival import Arrival
from services.auth.sessions.issuer import SessionIssuer
from shared.clock import Clock
from shared.database import Database


@dataclass(frozen=True, slots=True)
class Reservations:
    """Invitations that people use who have an account.

    While one is reserved nobody can take it back, and whoever has the link could keep it so for ever, by failing.
    """

    database: Database
    invitations: InvitationsPeer
    sessions: SessionIssuer
    clock: Clock

    async def __call__(self, token: str, person: User, arrival: Arrival) -> Invitation:
        """The invitation behind ``token``, reserved for ``person``, who comes to be signed in with it.

        What they would be refused for as things stand is raised before that; and what is wrong with the invitation.
        """
        seen = await self.invitations.preview(token)
        if seen.state is InvitationState.PENDING and seen.email == person.email:
            await self._require_way_in(seen, person, replace(arrival, invited=True))
        return await self.invitations.reserve(token, person.email)

    async def _require_way_in(self, seen: InvitationView, person: User, arrival: Arrival) -> None:
        async with self.database.transaction(seen.tenant_id, person=person.id) as tx:
            tenant = heard_of(await tenants.find(tx, seen.tenant_id))
            existing = await memberships.find(tx, seen.tenant_id, person.id)
            is_good = await stands(tx, seen.kept)
        membership = decide(Evidence(proven=True, invitation=seen.kept), person, tenant, existing, at=self.clock())
        if membership != existing and not is_good:
            raise InvitationRevoked
        self.sessions.require_opening(person, membership, tenant, arrival)
