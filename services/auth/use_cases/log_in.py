"""Signing in with e-mail address and password."""

from dataclasses import dataclass
from uuid import UUID

from services.auth.domain.sign_in_methods import BY_PASSWORD
from services.auth.errors.admission import NotAMember
from services.auth.metrics import counted_sign_in
from services.auth.repository import memberships
from services.auth.sessions.arrival import Arrival
from services.auth.sessions.issuer import SessionGrant, SessionIssuer
from services.auth.sign_in.elsewhere import told_where_else
from services.auth.sign_in.recognition import Recognition
from shared.contracts.email import Email
from shared.contracts.tenant_settings import SignInMethod
from shared.database import Database
from shared.http.client_info import Client


@dataclass(frozen=True, slots=True)
class LogIn:
    """Begin a session in the home tenant, or in the one asked for.

    What is wrong beside the password is told only to who has it, and so is where else they can sign in.
    """

    database: Database
    recognition: Recognition
    issuer: SessionIssuer

    async def __call__(self, email: Email, password: str, tenant_id: UUID | None, client: Client) -> SessionGrant:
        with counted_sign_in(SignInMethod.PASSWORD):
            person = await self.recognition(email, password, client)
            # The home's transaction: a tenant that a request names opens nothing before it proves to be one's own.
            async with self.database.transaction(person.tenant_id, person=person.id) as tx:
                current = await self.recognition.hold(tx, person)
                found = await memberships.find_with_tenant(tx, tenant_id or current.tenant_id, current.id)
                if found is None:
                    raise NotAMember
                async with told_where_else(tx, current, BY_PASSWORD):
                    return await self.issuer.open(tx, current, *found, Arrival(client, BY_PASSWORD))
