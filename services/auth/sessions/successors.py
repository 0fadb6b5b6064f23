"""Keeps what a used refresh token was exchanged for, so that its holder, and nobody else, can be given it again."""

from dataclasses import dataclass, field

from services.auth.domain.sessions import RefreshToken
from shared.sealing import Sealer, Unreadable

_PURPOSE = "the successor of a refresh token"


@dataclass(frozen=True, slots=True)
class Successors:
    """Seals successors under the token that they follow and ``key`` together.

    The database has only a hash of the token, so a dump opens nothing; without ``key`` not even together with a token
    that was used long ago.
    """

    key: str = field(repr=False)

    def seal(self, successor: str, used: RefreshToken, token: str) -> bytes:
        """What to store in the row ``used`` of ``token``, which is exchanged for ``successor``."""
        return self._sealer(token).seal(successor.encode(), row=used.hash)

    def unseal(self, used: RefreshToken, token: str) -> str | None:
        """What ``token``, whose row is ``used``, was exchanged for; ``None`` where nobody can know that any more."""
        if used.successor_sealed is None:
            return None
        try:
            return self._sealer(token).unseal(used.successor_sealed, row=used.hash).decode()
        except Unreadable:
            return None

    def _sealer(self, token: str) -> Sealer:
        return Sealer.derive(f"{self.key} {token}", _PURPOSE)
