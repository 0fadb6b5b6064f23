"""The signing keys as one replica has them in memory, and the worker that keeps them as they are in the database."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from services.auth.domain.signing_keys import SealedKey, signing
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
    """A key in force; ``signing_key`` is missing when it is sealed under a secret that this replica does not have."""

    kid: str
    public_jwk: dict[str, Any]
    signs_from: datetime
    signing_key: SigningKey | None = field(repr=False)


class KeyRing:
    """At least one key that can sign, always."""

    def __init__(self, sealer: KeySealer, rows: Iterable[SealedKey]) -> None:
        """``CannotStart`` when ``JWT_SECRET_KEY`` opens none of ``rows``, or there are none."""
        self._sealer = sealer
        self._keys: tuple[HeldKey, ...] = ()
        self.take(rows)
        if not self._keys:
            raise CannotStart(
                "JWT_SECRET_KEY is not the one that the signing keys in this database are encrypted under. Start with "
                "the former one, or give it as JWT_SECRET_KEY_OLD beside the new. If it is lost, delete the rows of "
                "signing_keys: new keys are made, and everybody's access token has to be refreshed."
            )

    def take(self, rows: Iterable[SealedKey]) -> None:
        """Have the keys of ``rows`` and no others; if none of those can sign, keep what there is."""
        known = {key.kid: key.signing_key for key in self._keys}
        keys = tuple(
            HeldKey(row.kid, row.public_jwk, row.signs_from, known.get(row.kid) or self._opened(row)) for row in rows
        )
        if any(key.signing_key for key in keys):
            self._keys = keys
        else:
            log.error("no signing key can be read", known=[key.kid for key in self._keys])

    def signing(self, at: datetime) -> SigningKey:
        """The key that signs at this time."""
        found = signing([key for key in self._keys if key.signing_key], at).signing_key
        assert found  # noqa: S101 - says to the type checker what the line above has made sure of
        return found

    def public_jwks(self) -> tuple[dict[str, Any], ...]:
        """The public halves of all keys in force, also of those that others sign with."""
        return tuple(key.public_jwk for key in self._keys)

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
