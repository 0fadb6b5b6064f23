"""Hashing passwords: argon2id, off the event loop, and never more at once than the machine can bear."""

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

import argon2
from argon2.exceptions import VerificationError, VerifyMismatchError

from services.auth.domain.passwords import normalised
from services.auth.errors.credentials import HashingOverloaded
from services.auth.metrics import PASSWORDS_IN_HAND, PASSWORDS_REFUSED
from services.auth.passwords.legacy import is_legacy, matches_legacy

T = TypeVar("T")

RETRY_AFTER_SECONDS = 2.0


class PasswordHasher:
    """argon2id (RFC 9106) with the parameters given; passwords are taken whole and in their normal form.

    ``threads`` bounds how many hashes are computed side by side, ``queue`` how many more may wait. Whoever comes
    beyond that gets ``HashingOverloaded`` at once, so that a flood costs neither memory nor everybody's patience.
    bcrypt hashes of another system are verified, and outdated.
    """

    def __init__(
        self, *, memory_kib: int = 19 * 1024, passes: int = 2, lanes: int = 1, threads: int = 2, queue: int = 128
    ) -> None:
        self._argon2 = argon2.PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=lanes)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="passwords")
        self._room = threads + queue
        self._inside = 0
        # Nobody knows the password behind this one. It costs what every other of this hasher costs.
        self._decoy = self._argon2.hash(secrets.token_bytes())

    async def hash(self, password: str) -> str:
        """The hash of ``password`` as an encoded string that carries its salt and parameters."""
        return await self._aside(lambda: self._argon2.hash(normalised(password)))

    async def verify(self, password: str, hashed: str | None) -> bool:
        """Whether ``hashed`` was made from ``password``.

        Without a hash (no such account, or an account without a password), and with one that nobody can check, the
        answer is always no, after as much work as for any other.
        """
        matches = await self._aside(lambda: self._matches(password, hashed or self._decoy))
        return matches and hashed is not None

    def is_outdated(self, hashed: str) -> bool:
        """Whether ``hashed`` was made with other parameters than today's, and ought to be made anew."""
        return is_legacy(hashed) or self._argon2.check_needs_rehash(hashed)

    async def close(self) -> None:
        """Let go of the threads; what waits is given up."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _matches(self, password: str, hashed: str) -> bool:
        try:
            if is_legacy(hashed):
                return matches_legacy(password, hashed)
            return self._argon2.verify(hashed, normalised(password))
        except VerifyMismatchError:
            return False
        except (VerificationError, ValueError):
            self._work(password)  # to find out that this is no hash took no time at all
            return False

    def _work(self, password: str) -> None:
        """What a wrong password takes."""
        with suppress(VerifyMismatchError):
            self._argon2.verify(self._decoy, normalised(password))

    async def _aside(self, work: Callable[[], T]) -> T:
        if self._inside >= self._room:
            PASSWORDS_REFUSED.inc()
            raise HashingOverloaded(retry_after=RETRY_AFTER_SECONDS)
        self._inside += 1
        PASSWORDS_IN_HAND.inc()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._inside -= 1
            PASSWORDS_IN_HAND.dec()
