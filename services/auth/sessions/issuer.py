"""Begins sessions and hands out their tokens: the one place where somebody becomes signed in."""

from dataclasses import dataclass, field
from datetime import datetime

from services.auth.domain.accounts import Membership, Tenant, User
from services.auth.domain.devices import fingerprint
from services.auth.domain.sessions import EndReason, RefreshToken, Session, SessionLife, require_admission
from services.auth.errors.admission import SignInTooLongAgo
from services.auth.repository import beginnings, refreshes, sessions
from services.auth.repository.refreshes import Presented
from services.auth.sessions.arrival import Arrival
from services.auth.sessions.ending import end_sessions
from services.auth.sessions.successors import Successors
from services.auth.sign_in.device_watch import DeviceWatch
from services.auth.signing_keys.access_tokens import AccessTokenSigner
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
    successors: Successors
    watch: DeviceWatch
    life: SessionLife
    clock: Clock

    async def open(
        self, tx: Transaction, user: User, membership: Membership, tenant: Tenant, arrival: Arrival
    ) -> SessionGrant:
        """Begin a session if ``tx`` commits.

        Refuses as ``require_opening`` does. ``tx`` is a transaction of that tenant or person, which holds ``user``
        locked since its password or proof was looked at.
        """
        ends = self.require_opening(user, membership, tenant, arrival)
        now, client = self.clock(), arrival.client
        session = Session(
            id=new_id(),
            tenant_id=membership.tenant_id,
            user_id=user.id,
            signed_in_at=arrival.signed_in_at or now,
            created_at=now,
            last_used_at=now,
            expires_at=min(ends, arrival.until),
            agent=client.agent,
            address=client.address,
            methods=arrival.methods,
        )
        secret, seen = new_token(), fingerprint(user.id, client.agent, client.address)
        begun = await beginnings.begin(tx, session, self._link(session, secret, tenant), seen)
        if begun.on_new_device:
            await self.watch.tell_of(tx, client, user, tenant)
        if begun.one_too_many:
            surplus = await sessions.lock_surplus(tx, tenant.id, user.id, now)
            await end_sessions(tx, surplus, EndReason.TOO_MANY, now)
        return self._grant(session, secret, user, membership._replace(last_sign_in_at=now), tenant)

    def require_opening(self, user: User, membership: Membership, tenant: Tenant, arrival: Arrival) -> datetime:
        """When a session has to end that begins now, unless something else ends it.

        Refuses, as ``require_admission`` does, whoever is unverified, pending or suspended, or comes by no method that
        ``tenant`` allows; and whoever has signed in longer ago than its sessions last.
        """
        require_admission(user, membership, tenant, arrival.counts_as)
        now = self.clock()
        ends = (arrival.signed_in_at or now) + self.life.within(tenant.settings).absolute
        if now >= ends:
            raise SignInTooLongAgo
        return ends

    async def renew(self, call: Transaction, brought: Presented, token: str, client: Client) -> SessionGrant | None:
        """Go on with a session that was found live: new tokens, which say what is true today.

        ``token`` is the one that was ``brought``. It is used up, and opens its successor for a moment. Nothing is
        granted when it was used meanwhile, or the session has ended.
        """
        require_admission(brought.user, brought.membership, brought.tenant)
        secret = new_token()
        sealed = self.successors.seal(secret, brought.token, token)
        successor = self._link(brought.session, secret, brought.tenant)
        # Signed first: whoever cannot sign uses nothing up.
        grant = self._grant(brought.session, secret, brought.user, brought.membership, brought.tenant)
        done = await refreshes.rotate(call, brought.token, successor, sealed=sealed, address=client.address)
        return grant if done else None

    def repeat(self, brought: Presented, newest: str) -> SessionGrant:
        """Answer with a refresh token that there is already, and a fresh access token."""
        require_admission(brought.user, brought.membership, brought.tenant)
        return self._grant(brought.session, newest, brought.user, brought.membership, brought.tenant)

    def _link(self, session: Session, secret: str, tenant: Tenant) -> RefreshToken:
        """What the tenant wants today counts for sessions, too, that it finds."""
        now, life = self.clock(), self.life.within(tenant.settings)
        return RefreshToken(
            hash=token_hash(secret),
            tenant_id=session.tenant_id,
            user_id=session.user_id,
            session_id=session.id,
            issued_at=now,
            expires_at=min(now + life.idle, session.signed_in_at + life.absolute, session.expires_at),
        )

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
