"""Opening the link that proves an address."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.auth.domain.accounts import Tenant, User
from services.auth.domain.enrolment import Evidence
from services.auth.domain.invitations import Invitation
from services.auth.domain.members import MOST_ADMINS_TOLD
from services.auth.domain.one_time_tokens import Purpose
from services.auth.domain.sign_in_methods import BY_SIGN_UP
from services.auth.errors.credentials import InvalidToken
from services.auth.joining.claims import claim_on
from services.auth.joining.enrol import enrol
from services.auth.joining.offers import stands
from services.auth.peers.invitations import InvitationsPeer
from services.auth.postbox import Postbox
from services.auth.repository import memberships, one_time_tokens, users
from services.auth.sessions.arrival import Arrival
from services.auth.sessions.issuer import SessionGrant, SessionIssuer
from services.auth.sign_in.link_owner import owner_of_link
from shared.clock import Clock
from shared.contracts.auth import UserEmailVerified
from shared.contracts.email import Email
from shared.contracts.tenancy import MembershipStatus
from shared.database import Database, Transaction
from shared.http.client_info import Client
from shared.ids import token_hash
from shared.messaging.outbox import tell

MOST_FALLEN = 20
"""So many tenants may have somebody who has invited the same address and may not any more."""


@dataclass(frozen=True, slots=True)
class VerifyEmail:
    """Prove an address, and give the person the membership that it is worth; ``None`` when an admin must approve.

    In that case those who may are told. An invitation that waits for the address wins over its domain. The credentials
    become those of the sign-up whose link this is; all other links of the account are dead from now on. A link is good
    once: ``InvalidToken``.
    """

    database: Database
    invitations: InvitationsPeer
    sessions: SessionIssuer
    postbox: Postbox
    clock: Clock

    async def __call__(self, token: str, client: Client) -> SessionGrant | None:
        hashed = token_hash(token)
        account = await owner_of_link(self.database, hashed, Purpose.VERIFY_EMAIL, self.clock())
        evidence = await self._evidence(account.email)
        async with self.database.transaction(evidence.tenant_id, person=account.id) as tx:
            now = self.clock()
            person = await _prove(tx, account.id, hashed, now)
            membership, tenant, _ = await enrol(tx, person, evidence, at=now)
            person = replace(person, tenant_id=tenant.id)
            await users.save(tx, person)
            if membership.status is MembershipStatus.PENDING:
                await self._ask_for_approval(tx, person, tenant)
                return None
            return await self.sessions.open(tx, person, membership, tenant, Arrival(client, BY_SIGN_UP))

    async def _ask_for_approval(self, tx: Transaction, person: User, tenant: Tenant) -> None:
        for admin in await memberships.admins(tx, tenant.id, MOST_ADMINS_TOLD):
            await self.postbox.approval_wanted(tx, admin, person.email, tenant)

    async def _evidence(self, email: Email) -> Evidence:
        found = await claim_on(self.database, email)
        invitation = await self._invitation(email)
        return Evidence(proven=True, invitation=invitation, claim=found[0] if found else None)

    async def _invitation(self, email: Email) -> Invitation | None:
        """The newest for the address that stands; those that do not are none, and hide no other."""
        fallen: list[UUID] = []
        while len(fallen) < MOST_FALLEN and (found := await self.invitations.reserve_for(email, besides=fallen)):
            async with self.database.look_up() as across:
                if await stands(across, found):
                    return found
            fallen.append(found.id)
        return None


async def _prove(tx: Transaction, user_id: UUID, hashed: bytes, at: datetime) -> User:
    """The person with the credentials of the token, which is used up with all others."""
    person = await users.lock(tx, user_id)
    token = await one_time_tokens.consume(tx, hashed, Purpose.VERIFY_EMAIL)
    if person is None or token is None or token.credentials is None or not token.is_good(at):
        raise InvalidToken
    await one_time_tokens.remove_all(tx, user_id)
    await tell(tx, UserEmailVerified(user_id=person.id, email=person.email))
    return replace(
        person,
        name=token.credentials.name,
        password_hash=token.credentials.password_hash,
        email_verified_at=at,
    )
