"""Signing in and joining a tenant in one, with the link of an invitation."""

from dataclasses import dataclass, replace

from services.auth.domain.enrolment import Evidence
from services.auth.domain.sign_in_methods import BY_PASSWORD
from services.auth.errors.admission import EmailUnverified
from services.auth.joining.enrol import enrol
from services.auth.joining.reserving import Reservations
from services.auth.metrics import counted_sign_in
from services.auth.sessions.arrival import Arrival
from services.auth.sessions.issuer import SessionGrant, SessionIssuer
from services.auth.sign_in.recognition import Recognition
from shared.clock import Clock
from shared.contracts.email import Email
from shared.contracts.tenant_settings import SignInMethod
from shared.database import Database
from shared.http.client_info import Client


@dataclass(frozen=True, slots=True)
class LogInByInvitation:
    """Let the owner of an account into the tenant that invites its address, and begin the session there.

    Also of whoever can sign in nowhere else: a tenant that has suspended somebody, has not approved them, or is
    suspended itself does not decide about others. The home tenant stays what it is. Again is a success, while they
    belong to the tenant.
    """

    database: Database
    recognition: Recognition
    reserve: Reservations
    issuer: SessionIssuer
    clock: Clock

    async def __call__(self, email: Email, password: str, token: str, client: Client) -> SessionGrant:
        with counted_sign_in(SignInMethod.PASSWORD):
            person = await self.recognition(email, password, client)
            if not person.is_verified:
                raise EmailUnverified
            arrival = Arrival(client, BY_PASSWORD)
            invitation = await self.reserve(token, person, arrival)
            async with self.database.transaction(invitation.tenant_id, person=person.id) as tx:
                current = await self.recognition.hold(tx, person)
                evidence = Evidence(proven=True, invitation=invitation)
                membership, tenant, invited = await enrol(tx, current, evidence, at=self.clock())
                return await self.issuer.open(tx, current, membership, tenant, replace(arrival, invited=invited))
