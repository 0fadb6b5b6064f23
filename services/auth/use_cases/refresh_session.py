"""Going on with a session."""

from dataclasses import dataclass

from services.auth.domain.sessions import EndReason, Refresh, Session, judge_refresh
from services.auth.errors.sessions import InvalidRefreshToken, RefreshTokenReused
from services.auth.repository import refresh_tokens, refreshes, sessions
from services.auth.repository.refreshes import Presented
from services.auth.sessions.ending import end_sessions
from services.auth.sessions.issuer import SessionGrant, SessionIssuer
from services.auth.sessions.successors import Successors
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.http.client_info import Client
from shared.ids import token_hash

LONGEST_CHAIN = 20
"""So many successors are followed; whoever refreshes more often within the grace brings the newest, or nothing."""

MOST_LOOKS = 2
"""A token that was used stays so, and so does a session that has ended: if one look was overtaken, the next decides."""


@dataclass(frozen=True, slots=True)
class RefreshSession:
    """Exchange a refresh token for its one successor and a new access token.

    Of many who bring the same token at once, all get the same successor, and so do those who come within the grace;
    if that was used meanwhile, too, they get what the chain has come to. After the grace the token ends its session.
    Who has been suspended meanwhile, or whose tenant has, is refused and keeps the token.
    """

    database: Database
    issuer: SessionIssuer
    successors: Successors
    clock: Clock

    async def __call__(self, token: str, client: Client) -> SessionGrant:
        for _ in range(MOST_LOOKS):
            async with self.database.look_up() as across:
                brought = await refreshes.find(across, token_hash(token))
                if brought is None:
                    raise InvalidRefreshToken
                life = self.issuer.life.within(brought.tenant.settings)
                verdict = judge_refresh(brought.token, brought.session, life, self.clock())
                if verdict is Refresh.REPEAT:
                    return self.issuer.repeat(brought, await self._newest(across, brought, token))
            if verdict is Refresh.REFUSE:
                raise InvalidRefreshToken
            if verdict is Refresh.END_FAMILY:
                await self._end(brought.session)
                raise RefreshTokenReused
            async with self.database.single_call() as call:
                if grant := await self.issuer.renew(call, brought, token, client):
                    return grant
        raise InvalidRefreshToken

    async def _end(self, session: Session) -> None:
        async with self.database.transaction(session.tenant_id, person=session.user_id) as tx:
            locked = await sessions.lock(tx, session.tenant_id, session.user_id, session.id)
            if locked is not None:
                await end_sessions(tx, [locked], EndReason.TOKEN_REUSED, self.clock())

    async def _newest(self, across: Transaction, brought: Presented, token: str) -> str:
        """The end of the chain. Each link opens the next; all of them were used within the grace of the first."""
        link = brought.token
        for _ in range(LONGEST_CHAIN):
            successor = self.successors.unseal(link, token)
            if successor is None:
                break
            found = await refresh_tokens.find(across, link.tenant_id, token_hash(successor))
            if found is None:
                break
            if found.used_at is None:
                return successor
            link, token = found, successor
        raise InvalidRefreshToken
