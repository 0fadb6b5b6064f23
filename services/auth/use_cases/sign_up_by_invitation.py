"""Signing up with the link of an invitation."""

from dataclasses import dataclass
from uuid import UUID

from services.auth.domain.accounts import Tenant, User
from services.auth.domain.enrolment import Evidence
from services.auth.domain.invitations import Invitation, InvitationState, InvitationView
from services.auth.domain.sign_in_methods import BY_PASSWORD
from services.auth.errors.joining import AccountExists, InvitationRevoked
from services.auth.joining.enrol import enrol, heard_of
from services.auth.joining.offers import stands
from services.auth.joining.register import register
from services.auth.metrics import counted_sign_up
from services.auth.passwords.choosing import NewPasswords
from services.auth.passwords.hashing import PasswordHasher
from services.auth.peers.invitations import InvitationsPeer
from services.auth.repository import tenants, users
from services.auth.sessions.arrival import Arrival
from services.auth.sessions.issuer import SessionGrant, SessionIssuer
from shared.clock import Clock
from shared.contracts.email import Email
from shared.database import Database
from shared.http.client_info import Client
from shared.ids import new_id


@dataclass(frozen=True, slots=True)
class SignUpByInvitation:
    """Make an account for the invited person and let them in, signed in, as what the invitation says.

    The link was sent to the mailbox, so the address counts as proven, and what others have signed up with it
    unproven goes away with its passwords, links and sessions. A proven account is never touched: ``AccountExists``.

    What can be refused is refused before the invitation is reserved: while it is, nobody can take it back, and whoever
    has the link could keep it so for ever, by failing.
    If this dies half-way nothing has happened, and the link works again within a minute.
    """

    database: Database
    invitations: InvitationsPeer
    new_passwords: NewPasswords
    hasher: PasswordHasher
    sessions: SessionIssuer
    clock: Clock

    async def __call__(self, email: Email, password: str, name: str, token: str, client: Client) -> SessionGrant:
        with counted_sign_up("invitation"):
            seen = await self.invitations.preview(token)
            if seen.email != email or seen.state is not InvitationState.PENDING:
                await self.invitations.reserve(token, email)  # which says what is wrong with it
            tenant, squatter = await self._look_up(seen)
            await self.new_passwords.check(password, email, name, [tenant])
            password_hash = await self.hasher.hash(password)
            invitation = await self.invitations.reserve(token, email)
            person = self._person(invitation.tenant_id, email, name, password_hash)
            return await self._join(person, invitation, squatter, client)

    async def _look_up(self, seen: InvitationView) -> tuple[Tenant, UUID | None]:
        """The tenant, and whoever holds the address without having proven it."""
        async with self.database.look_up() as across:
            tenant = heard_of(await tenants.find(across, seen.tenant_id))
            found = await users.find_by_email(across, seen.email)
            is_good = await stands(across, seen.kept)
        if not is_good:
            raise InvitationRevoked
        if found and found.is_verified:
            raise AccountExists
        return tenant, found.id if found else None

    def _person(self, tenant_id: UUID, email: Email, name: str, password_hash: str) -> User:
        now = self.clock()
        return User(new_id(), tenant_id, email, name, password_hash, email_verified_at=now, created_at=now)

    async def _join(self, person: User, invitation: Invitation, squatter: UUID | None, client: Client) -> SessionGrant:
        evidence = Evidence(proven=True, invitation=invitation)
        async with self.database.transaction(person.tenant_id, person=squatter) as tx:
            await register(tx, person, in_place_of=squatter, at=self.clock())
            membership, tenant, invited = await enrol(tx, person, evidence, at=self.clock())
            return await self.sessions.open(tx, person, membership, tenant, Arrival(client, BY_PASSWORD, invited))
