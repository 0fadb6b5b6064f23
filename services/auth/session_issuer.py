"""Begins sessions and hands out their tokens: the one place where somebody becomes signed in."""

from dataclasses import dataclass, field, replace

from services.auth.access_tokens import AccessTokenSigner
from services.auth.domain.accounts import Membership, Tenant, User
from services.auth.domain.sessions import RefreshToken, Session, SessionLife, require_admission
from services.auth.repository import memberships, refresh_tokens, sessions
from shared.clock import Clock
from shared.contracts import access_token
from shared.database import Transaction
from shared.http.client_info import Client
from shared.ids import new_id, new_token, token_hash


@dataclass(frozen=True, slots=True)
class SessionGrant:
    """What somebody gets who is signed in; ``expires_in`` are the seconds that the access token is good for."""

    access_token: str = field(repr=False)
    expires_in: int
    refresh_token: str = field(repr=False)
    user: User
    membership: Membership
    tenant: Tenant


@dataclass(frozen=True, slots=True)
class SessionIssuer:
    """Grants sessions, only ever to those who may be signed in."""

    signer: AccessTokenSigner
    life: SessionLife
    clock: Clock

    async def open(
        self, tx: Transaction, user: User, membership: Membership, tenant: Tenant, client: Client
    ) -> SessionGrant:
        """Begin a session if ``tx`` commits.

        Refuses, as ``require_admission`` does, whoever is unverified, pending or suspended. ``tx`` is a transaction
        of that tenant or person, which holds ``user`` locked since its password or proof was looked at.
        """
        require_admission(user, membership, tenant)
        now = self.clock()
        session = Session(
            id=new_id(),
            tenant_id=membership.tenant_id,
            user_id=user.id,
            created_at=now,
            last_used_at=now,
            expires_at=now + self.life.absolute,
            agent=client.agent,
            address=client.address,
        )
        await sessions.add(tx, session)
        await memberships.note_sign_in(tx, membership.tenant_id, user.id, now)
        signed_in = replace(membership, last_sign_in_at=now)
        return self._grant(session, await self._next_token(tx, session), user, signed_in, tenant)

    async def renew(
        self, tx: Transaction, session: Session, user: User, membership: Membership, tenant: Tenant
    ) -> SessionGrant:
        """Go on with a session that ``tx`` has locked and found live: new tokens, which say what is true today."""
        require_admission(user, membership, tenant)
        await sessions.touch(tx, session, self.clock())
        return self._grant(session, await self._next_token(tx, session), user, membership, tenant)

    async def _next_token(self, tx: Transaction, session: Session) -> str:
        secret, now = new_token(), self.clock()
        token = RefreshToken(
            hash=token_hash(secret),
            tenant_id=session.tenant_id,
            user_id=session.user_id,
            session_id=session.id,
            issued_at=now,
            expires_at=min(now + self.life.idle, session.expires_at),
        )
        await refresh_tokens.add(tx, token)
        return secret

    def _grant(
        self, session: Session, refresh_token: str, user: User, membership: Membership, tenant: Tenant
    ) -> SessionGrant:
        return SessionGrant(
            access_token=self.signer.sign(
                user_id=user.id, tenant_id=tenant.id, role=membership.role, session_id=session.id
            ),
            expires_in=int(access_token.LIFETIME.total_seconds()),
            refresh_token=refresh_token,
            user=user,
            membership=membership,
            tenant=tenant,
        )
