"""What becomes of the signing keys: made, replaced by age or by hand, revoked, sealed anew. Replicas take turns."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from services.auth.domain.signing_keys import PUBLISHED_AHEAD, KeyState, SealedKey, is_due, over, states, waiting
from services.auth.errors.keys import UnknownSigningKey
from services.auth.repository import signing_keys
from services.auth.signing_keys.sealing import KeySealer, SigningKey
from shared.clock import Clock
from shared.contracts.tenancy import PLATFORM_TENANT_ID
from shared.database import Database, Transaction
from shared.sealing import Unreadable


@dataclass(frozen=True, slots=True)
class KeyKeeping:
    """Each step is one transaction, so that whoever dies leaves the keys as they were, or as they shall be.

    No key is made by whoever cannot open all that are in force: left with a former ``JWT_SECRET_KEY``, it would seal
    the next one away from everybody else, and all of them would stop signing when its time comes.
    """

    database: Database
    sealer: KeySealer
    clock: Clock

    async def begin(self) -> list[SealedKey]:
        """The keys in force, newest first, at least one: the first process of an installation makes it."""
        async with self._turn() as tx:
            if not await signing_keys.in_force(tx):
                await self._add(tx, [], timedelta())
            return await signing_keys.in_force(tx)

    async def in_force(self) -> list[SealedKey]:
        """The keys that were not retired, newest first."""
        async with self._transaction() as tx:
            return await signing_keys.in_force(tx)

    async def all(self) -> list[tuple[SealedKey, KeyState]]:
        """The newest hundred keys, and what each is doing."""
        async with self._transaction() as tx:
            return states(await signing_keys.newest(tx), self.clock())

    async def turn_over(self, age: timedelta) -> None:
        """Publish a new key when the newest is of that ``age``, and retire those of which no living token is left."""
        async with self._turn() as tx:
            keys = await signing_keys.in_force(tx)
            if is_due(keys, self.clock(), age) and self._opens(keys):
                await self._add(tx, keys, PUBLISHED_AHEAD if keys else timedelta())
            if gone := over(keys, self.clock()):
                await signing_keys.retire(tx, [key.kid for key in gone], self.clock())

    async def rotate(self) -> None:
        """Publish a new key, which takes over in ten minutes; unless one is waiting for that already.

        ``Unreadable`` when a key in force cannot be opened.
        """
        async with self._turn() as tx:
            keys = await signing_keys.in_force(tx)
            if not waiting(keys, self.clock()):
                await self._add(tx, keys, PUBLISHED_AHEAD if keys else timedelta())

    async def revoke(self, kid: str) -> None:
        """Take a key out of force at once; if it signs, another does from now on. Revoking twice is a success.

        ``Unreadable`` when another would have to be made, and a key in force cannot be opened.
        """
        async with self._turn() as tx:
            before = await signing_keys.in_force(tx)
            if not await signing_keys.retire(tx, [kid], self.clock()):
                if all(key.kid != kid for key in await signing_keys.newest(tx)):
                    raise UnknownSigningKey
                return
            keys, now = [key for key in before if key.kid != kid], self.clock()
            if any(key.signs_from <= now for key in keys):
                return
            # Whoever keeps the key set has the waiting key already, but would have to learn of a new one.
            if successor := waiting(keys, now):
                await signing_keys.sign_from(tx, successor.kid, now)
            else:
                await self._add(tx, before, timedelta())

    async def rewrap(self) -> None:
        """Seal all keys in force under today's ``JWT_SECRET_KEY``; ``Unreadable`` when one cannot be opened."""
        async with self._turn() as tx:
            for key in await signing_keys.in_force(tx):
                await signing_keys.seal(tx, key.kid, self.sealer.seal_anew(key).private_sealed)

    async def _add(self, tx: Transaction, keys: Sequence[SealedKey], ahead: timedelta) -> None:
        if not self._opens(keys):
            raise Unreadable
        now = self.clock()
        await signing_keys.add(tx, self.sealer.seal(SigningKey.make(), now, signs_from=now + ahead))

    def _opens(self, keys: Sequence[SealedKey]) -> bool:
        return all(self.sealer.opens(key) for key in keys)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[Transaction]:
        async with self._transaction() as tx:
            await signing_keys.take_turns(tx)
            yield tx

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Transaction]:
        # The keys belong to no customer; the platform's transaction is the one that every installation has.
        async with self.database.transaction(PLATFORM_TENANT_ID) as tx:
            yield tx
