"""Going on with a session."""

from dataclasses import dataclass

from services.auth.domain.sessions import EndReason, Refresh, judge_refresh
from services.auth.errors import InvalidRefreshToken, RefreshTokenReused
from services.auth.repository import refresh_tokens, refreshes
from services.auth.repository.refreshes import Held
from services.auth.sessions.ending import end_sessions
from services.auth.sessions.issuer import SessionGrant, SessionIssuer
from services.auth.sessions.successors import Successors
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.http.client_info import Client
from shared.ids import token_hash

LONGEST_CHAIN = 20
"""So many successors are followed; whoever refreshes more often within the grace brings the newest, or nothing."""


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
        hashed = token_hash(token)
        async with self.database.look_up() as across:
            owner = await refresh_tokens.owner(across, hashed)
        if owner is None:
            raise InvalidRefreshToken
        async with self.database.transaction(owner.tenant_id, person=owner.user_id) as tx:
            held = await refreshes.hold(tx, owner.tenant_id, owner.session_id, hashed)
            if held is None:
                raise InvalidRefreshToken
            life = self.issuer.life.within(held.tenant.settings)
            verdict = judge_refresh(held.token, held.session, life, self.clock())
            if verdict is Refresh.ROTATE:
                return await self.issuer.renew(tx, held, token, client)
            if verdict is Refresh.REPEAT:
                return self.issuer.repeat(held, await self._newest(tx, held, token))
            if verdict is Refresh.REFUSE:
                raise InvalidRefreshToken
            await end_sessions(tx, [held.session], EndReason.TOKEN_REUSED, self.clock())
        # Only now, because the end of the session has to be committed.
        raise RefreshTokenReused

    async def _newest(self, tx: Transaction, held: Held, token: str) -> str:
        """The end of the chain. Each link opens the next; all of them were used within the grace of the first."""
        link = held.token
        for _ in range(LONGEST_CHAIN):
            successor = self.successors.unseal(link, token)
            if successor is None:
                break
            found = await refresh_tokens.find(tx, link.tenant_id, token_hash(successor))
            if found is None:
                break
            if found.used_at is None:
                return successor
            link, token = found, successor
        raise InvalidRefreshToken
