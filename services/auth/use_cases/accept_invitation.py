"""Accepting an invitation with an account that is there already."""

from dataclasses import dataclass

from services.auth.domain.accounts import User
from services.auth.domain.enrolment import Evidence
from services.auth.domain.sessions import Session
from services.auth.errors.admission import EmailUnverified
from services.auth.joining.enrol import enrol
from services.auth.joining.reserving import Reservations
from services.auth.joining.taking_over import taken_over
from services.auth.postbox import Postbox
from services.auth.repository import memberships, users
from services.auth.sessions.arrival import Arrival
from services.auth.sessions.issuer import SessionGrant, SessionIssuer
from services.auth.sessions.own import hold_own_session, session_of
from shared.clock import Clock
from shared.contracts.caller import Caller
from shared.database import Database
from shared.errors import Unauthenticated
from shared.http.client_info import Client


@dataclass(frozen=True, slots=True)
class AcceptInvitation:
    """Let a signed-in person into the tenant that invites their proven address, and sign them in there.

    Accepting again is a success for the same person while they belong to the tenant; ``InvitationUsed`` once they
    do not. The home tenant stays what it is. A session that has ended opens no other, even while a gateway that
    has not heard of its end lets it pass.
    """

    database: Database
    reserve: Reservations
    sessions: SessionIssuer
    postbox: Postbox
    clock: Clock

    async def __call__(self, caller: Caller, token: str, client: Client) -> SessionGrant:
        session_of(caller)
        account, session = await self._account(caller)
        invitation = await self.reserve(token, account, Arrival.within(session, client))
        async with self.database.transaction(invitation.tenant_id, person=account.id) as tx:
            person = await users.lock(tx, account.id)
            now = self.clock()
            own = await hold_own_session(tx, caller, now)
            if person is None:
                raise Unauthenticated
            before = await memberships.find(tx, invitation.tenant_id, person.id)
            evidence = Evidence(proven=person.is_verified, invitation=invitation)
            membership, tenant, invited = await enrol(tx, person, evidence, at=now)
            if membership != before:
                person = await taken_over(tx, person, own, self.postbox, at=now)
            arrival = Arrival.within(own, client, invited=invited)
            return await self.sessions.open(tx, person, membership, tenant, arrival)

    async def _account(self, caller: Caller) -> tuple[User, Session]:
        async with self.database.transaction(caller.tenant_id, person=caller.subject) as tx:
            account = await users.find(tx, caller.subject)
            session = await hold_own_session(tx, caller, self.clock())
        if account is None:
            raise Unauthenticated
        if not account.is_verified:
            raise EmailUnverified
        return account, session
