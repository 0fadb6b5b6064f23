"""Going on with a session."""

from dataclasses import dataclass

from services.auth.domain.sessions import EndReason, Refresh, RefreshToken, Session, judge_refresh
from services.auth.errors import InvalidRefreshToken, RefreshTokenReused
from services.auth.repository import memberships, refresh_tokens, sessions, tenants, users
from services.auth.session_ending import end_sessions
from services.auth.session_issuer import SessionGrant, SessionIssuer
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.ids import token_hash


@dataclass(frozen=True, slots=True)
class RefreshSession:
    """Exchange a refresh token for its one successor and a new access token.

    Of many who bring the same token at once, one gets the successor. A token that comes a second time ends its
    session. Who has been suspended meanwhile, or whose tenant has, is refused and keeps the token.
    """

    database: Database
    issuer: SessionIssuer
    clock: Clock

    async def __call__(self, refresh_token: str) -> SessionGrant:
        hashed = token_hash(refresh_token)
        async with self.database.look_up() as across:
            owned = await refresh_tokens.find(across, hashed)
        if owned is None:
            raise InvalidRefreshToken
        async with self.database.transaction(owned.tenant_id, person=owned.user_id) as tx:
            session = await sessions.lock(tx, owned.tenant_id, owned.user_id, owned.session_id)
            # Read once more: whoever held the lock before may have used it.
            token = await refresh_tokens.find(tx, hashed)
            if session is None or token is None:
                raise InvalidRefreshToken
            verdict = judge_refresh(token, session, self.clock())
            if verdict is Refresh.ROTATE:
                return await self._rotate(tx, token, session)
            if verdict is Refresh.REFUSE:
                raise InvalidRefreshToken
            await end_sessions(tx, [session], EndReason.TOKEN_REUSED, self.clock())
        # Only now, because the end of the session has to be committed.
        raise RefreshTokenReused

    async def _rotate(self, tx: Transaction, token: RefreshToken, session: Session) -> SessionGrant:
        user = await users.find(tx, session.user_id)
        membership = await memberships.find(tx, session.tenant_id, session.user_id)
        tenant = await tenants.find(tx, session.tenant_id)
        if user is None or membership is None or tenant is None:
            raise InvalidRefreshToken
        await refresh_tokens.use(tx, token, self.clock())
        return await self.issuer.renew(tx, session, user, membership, tenant)
