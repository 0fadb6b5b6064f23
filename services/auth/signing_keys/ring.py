"""The signing keys as one replica has them in memory, and the worker that keeps them as they are in the database."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from services.auth.domain.signing_keys import SealedKey, signing
from services.auth.errors.keys import SigningKeyUnreadable
from services.auth.metrics import SIGNING_KEYS_UNREADABLE
from services.auth.signing_keys.keeping import KeyKeeping
from services.auth.signing_keys.sealing import KeySealer, SigningKey
from shared.process import CannotStart
from shared.sealing import Unreadable

LOOK_SECONDS = 1.0
"""A revoked key is neither used nor published by any replica after so long."""

TURN_OVER_SECONDS = 60.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A key in force; ``signing_key`` is missing when it was never seen under a secret that this replica has.

    ``is_open`` while it is under such a secret now.
    """

    kid: str
    public_jwk: dict[str, Any]
    signs_from: datetime
    sealed: bytes = field(repr=False)
    signing_key: SigningKey | None = field(repr=False)
    is_open: bool


class KeyRing:
    """All keys in force, and no others. Some may be closed to this replica, while ``JWT_SECRET_KEY`` changes."""

    def __init__(self, sealer: KeySealer, rows: Iterable[SealedKey]) -> None:
        """``CannotStart`` when ``JWT_SECRET_KEY`` opens none of ``rows``, or there are none."""
        self._sealer = sealer
        self._keys: dict[str, HeldKey] = {}
        self.take(rows)
        if not any(key.signing_key for key in self._keys.values()):
            raise CannotStart(
                "JWT_SECRET_KEY is not the one that the signing keys in this database are encrypted under. Start with "
                "the former one, or give it as JWT_SECRET_KEY_OLD beside the new. If it is lost, delete the rows of "
                "signing_keys: new keys are made, and everybody's access token has to be refreshed."
            )

    def take(self, rows: Iterable[SealedKey]) -> None:
        """Have the keys of ``rows`` and no others. If there are none, keep what there is until one is made."""
        if keys := {row.kid: self._held(row) for row in rows}:
            self._keys = keys
            SIGNING_KEYS_UNREADABLE.set(sum(not key.is_open for key in keys.values()))
        else:
            log.error("no signing key is in force", known=list(self._keys))

    def signing(self, at: datetime) -> SigningKey:
        """The key that signs at this time, of those that can; ``SigningKeyUnreadable`` when none of them can."""
        able = [key for key in self._keys.values() if key.signing_key]
        if not able or not (found := signing(able, at).signing_key):
            raise SigningKeyUnreadable
        return found

    def require(self, at: datetime) -> None:
        """``SigningKeyUnreadable`` unless we can sign with the key whose time it is.

        The one before it is published for some minutes more, and tokens signed with it are good for as long.
        """
        if not signing(list(self._keys.values()), at).signing_key:
            raise SigningKeyUnreadable

    def require_all_open(self) -> None:
        """``SigningKeyUnreadable`` unless our secret opens all keys in force: then we could start again, too."""
        if not all(key.is_open for key in self._keys.values()):
            raise SigningKeyUnreadable

    def public_jwks(self) -> tuple[dict[str, Any], ...]:
        """The public halves of all keys in force, also of those that others sign with."""
        return tuple(key.public_jwk for key in self._keys.values())

    def _held(self, row: SealedKey) -> HeldKey:
        known = self._keys.get(row.kid)
        if known and known.sealed == row.private_sealed:
            return replace(known, signs_from=row.signs_from)
        opened = self._opened(row)
        if not opened:
            log.error(
                "a signing key is sealed under a JWT_SECRET_KEY that this process does not have",
                kid=row.kid,
                signs_from=row.signs_from.isoformat(),
            )
        signing_key = opened or (known.signing_key if known else None)
        return HeldKey(row.kid, row.public_jwk, row.signs_from, row.private_sealed, signing_key, opened is not None)

    def _opened(self, row: SealedKey) -> SigningKey | None:
        try:
            return self._sealer.unseal(row)
        except Unreadable:
            return None


@dataclass(frozen=True, slots=True)
class KeyWatch:
    """Notices what other replicas and operators do to the keys, and turns them over when they are of age."""

    ring: KeyRing
    keeping: KeyKeeping
    age: timedelta

    async def run(self) -> None:
        """Look every second and turn over every minute, until cancelled. Without a database the keys stay."""
        next_turn = time.monotonic()
        while True:
            try:
                if time.monotonic() >= next_turn:
                    await self.keeping.turn_over(self.age)
                    next_turn = time.monotonic() + TURN_OVER_SECONDS
                await self.look()
            except Exception as error:  # noqa: BLE001 - a service does not stop serving because of this
                log.warning("signing keys not looked at", reason=f"{type(error).__name__}: {error}")
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Have what is in the database now."""
        self.ring.take(await self.keeping.in_force())
