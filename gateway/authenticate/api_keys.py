"""Whose API key this is: auth is asked, and its answer remembered for some seconds."""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ValidationError

from gateway.authenticate.known_caller import KnownCaller
from gateway.problems import Flaw, InvalidToken, ServiceUnavailable
from shared.clock import Clock
from shared.contracts.api_keys import BEGINNING, ApiKey
from shared.contracts.caller import Caller
from shared.contracts.permissions import Permission
from shared.contracts.tenancy import Role

API_KEY_CHECK_PATH = "/internal/api-keys/check"
API_KEY_BEGINNING = BEGINNING.encode()

REMEMBERED_SECONDS = 10.0
"""After so long a key that auth has forgotten is dead, even where no event came through."""

REFUSED_SECONDS = 1.0
"""A bad key is asked about again sooner: a tenant's return may reach us before auth has heard of it."""

MOST_REMEMBERED = 10_000
MOST_QUESTIONS = 100
"""Asked at the same time; beyond them nobody with an unknown key is let in, nor is auth kept busy."""


class KeyHolder(BaseModel):
    """What a good key stands for, as auth answers."""

    key_id: UUID
    tenant_id: UUID
    role: Role
    permissions: frozenset[Permission]
    expires_at: AwareDatetime | None


class KeyAnswer(BaseModel):
    """``holder`` is null for a key that opens nothing."""

    holder: KeyHolder | None


Ask = Callable[[ApiKey], Awaitable[KeyAnswer]]


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer, until when it holds by our own stopwatch, and until when by the calendar."""

    known: KnownCaller | None
    forgotten_at: float
    expires: float


class ApiKeys:
    """Turns a key into a caller. ``ask`` raises a ``Problem`` when auth cannot be asked.

    Good and bad keys are remembered apart, so that made-up ones push no good one out.
    """

    def __init__(
        self,
        ask: Ask,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
        most_remembered: int = MOST_REMEMBERED,
    ) -> None:
        self._ask = ask
        self._clock = clock
        self._monotonic = monotonic
        self._most_remembered = most_remembered
        self._good: dict[bytes, _Answer] = {}
        self._bad: dict[bytes, _Answer] = {}
        self._asking: dict[bytes, asyncio.Task[KnownCaller | None]] = {}
        self._changes = 0

    async def identify(self, key: bytes) -> KnownCaller:
        """Whom ``key`` speaks for; ``InvalidToken`` for one that opens nothing."""
        digest = hashlib.sha256(key).digest()
        if answer := self._remembered(digest):
            known = answer.known
        else:
            parsed = ApiKey.parse(key.decode("ascii"))
            if parsed is None:
                raise InvalidToken(Flaw.MALFORMED)
            known = await self._answer(parsed, digest)
        if known is None:
            raise InvalidToken(Flaw.API_KEY)
        return known

    def forget(self, tenant_id: UUID) -> None:
        """Something about the tenant's keys has changed: ask anew, also what is being asked right now."""
        self._changes += 1
        self._good = {
            digest: answer
            for digest, answer in self._good.items()
            if answer.known is not None and answer.known.caller.tenant_id != tenant_id
        }
        self._bad.clear()
        self._asking.clear()

    def _remembered(self, digest: bytes) -> _Answer | None:
        answer = self._good.get(digest) or self._bad.get(digest)
        if answer is None or self._monotonic() >= answer.forgotten_at or self._clock().timestamp() >= answer.expires:
            return None
        return answer

    async def _answer(self, key: ApiKey, digest: bytes) -> KnownCaller | None:
        """Many who bring the same key at once cost one question; one who leaves breaks it off for nobody else."""
        task = self._asking.get(digest)
        if task is None:
            if len(self._asking) >= MOST_QUESTIONS:
                raise ServiceUnavailable
            task = asyncio.create_task(self._find(key, digest))
            self._asking[digest] = task
            task.add_done_callback(lambda done: self._asked(digest, done))
        return await asyncio.shield(task)

    def _asked(self, digest: bytes, task: "asyncio.Task[KnownCaller | None]") -> None:
        if self._asking.get(digest) is task:
            del self._asking[digest]
        if not task.cancelled():
            task.exception()  # seen, even if nobody waits for it any more

    async def _find(self, key: ApiKey, digest: bytes) -> KnownCaller | None:
        before = self._changes
        try:
            holder = (await self._ask(key)).holder
        except ValidationError as error:
            raise ServiceUnavailable from error
        answer = _Answer(
            _caller(holder) if holder else None,
            self._monotonic() + (REMEMBERED_SECONDS if holder else REFUSED_SECONDS),
            holder.expires_at.timestamp() if holder and holder.expires_at else float("inf"),
        )
        # What was heard since the question may be newer than the answer.
        if before == self._changes:
            self._remember(self._good if holder else self._bad, digest, answer)
        return answer.known

    def _remember(self, memory: dict[bytes, _Answer], digest: bytes, answer: _Answer) -> None:
        """The oldest makes room."""
        memory.pop(digest, None)
        if len(memory) >= self._most_remembered:
            del memory[next(iter(memory))]
        memory[digest] = answer


def _caller(holder: KeyHolder) -> KnownCaller:
    return KnownCaller(
        Caller(
            subject=holder.key_id,
            tenant_id=holder.tenant_id,
            role=holder.role,
            permissions=holder.permissions,
            key_id=holder.key_id,
        )
    )
