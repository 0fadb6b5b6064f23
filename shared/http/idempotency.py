"""Creating once: a POST that comes again under the same ``Idempotency-Key`` gets the first answer again."""

import hashlib
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from shared.clock import Clock
from shared.contracts.caller import Caller
from shared.database import Database
from shared.errors import Conflict, Invalid, Problem
from shared.http.problems import HttpProblem
from shared.recurring import recurring
from shared.sealing import Sealer, Unreadable

IDEMPOTENCY_KEYS_SQL = Path(__file__).with_name("idempotency_keys.sql")
HEADER = "Idempotency-Key"
LONGEST_KEY = 255
KEY_PATTERN = "^[!-~]([ -~]*[!-~])?$"
KEPT_FOR = timedelta(hours=24)
PERIOD_SECONDS = 3600.0
FORGOTTEN_AT_ONCE = 2000

_PURPOSE = "idempotent answers"

# Whoever brings a key that another transaction is creating under waits here until that one has ended.
_TAKE = """
    INSERT INTO idempotency_keys AS kept (tenant_id, subject, route, key_hash, created_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (tenant_id, subject, route, key_hash)
        DO UPDATE SET created_at = excluded.created_at, answer = NULL WHERE kept.created_at <= $6
    RETURNING true
"""
_KEEP = """
    UPDATE idempotency_keys SET answer = $5
     WHERE tenant_id = $1 AND subject = $2 AND route = $3 AND key_hash = $4
"""
_ANSWER = """
    SELECT answer FROM idempotency_keys WHERE tenant_id = $1 AND subject = $2 AND route = $3 AND key_hash = $4
"""
_FORGET = """
    DELETE FROM idempotency_keys WHERE (tenant_id, subject, route, key_hash) IN (
        SELECT tenant_id, subject, route, key_hash FROM idempotency_keys
         WHERE created_at <= $1 ORDER BY created_at LIMIT $2)
"""


class InvalidIdempotencyKey(HttpProblem):
    """No key, or more than one, in a header that is there."""

    code = "invalid_idempotency_key"
    title = "Invalid Idempotency-Key"
    detail = f"Send one Idempotency-Key of 1 to {LONGEST_KEY} printable ASCII characters; a UUID is a good one."


class IdempotencyKeyReused(Invalid):
    """The key stands for a request that said something else."""

    code = "idempotency_key_reused"
    title = "Idempotency-Key used before"
    detail = "This Idempotency-Key was sent with another body. Take a new key for a new request."


class AnswerUnreadable(Conflict):
    """It was done; but the answer was sealed under an encryption key that is gone."""

    code = "answer_unreadable"
    title = "Done already"
    detail = "This was done already, but the answer cannot be shown again. Look at the list."


PROBLEMS: tuple[type[Problem], ...] = (InvalidIdempotencyKey, IdempotencyKeyReused, AnswerUnreadable)
"""What every creating endpoint may answer beside its own problems."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request to create something, under a key that means anything to this caller on this route only."""

    caller: Caller
    route: str
    key: str = field(repr=False)
    fingerprint: str

    @property
    def row(self) -> tuple[object, ...]:
        """Where its answer is kept."""
        return self.caller.tenant_id, self.caller.subject, self.route, hashlib.sha256(self.key.encode()).digest()

    @property
    def row_name(self) -> bytes:
        """What its answer is bound to."""
        return f"{self.caller.tenant_id} {self.caller.subject} {self.route}".encode()


Create = Callable[[], Awaitable[Response]]
Once = Callable[[Attempt, Create], Awaitable[Response]]


def key_of(request: Request) -> str | None:
    """The key that came with a request, if one did; ``InvalidIdempotencyKey``."""
    sent = request.headers.getlist(HEADER)
    if not sent:
        return None
    if len(sent) > 1 or len(sent[0]) > LONGEST_KEY or not re.fullmatch(KEY_PATTERN, sent[0]):
        raise InvalidIdempotencyKey
    return sent[0]


def fingerprint_of(body: bytes) -> str:
    """The same for bodies that say the same JSON, however it is written."""
    said = json.dumps(json.loads(body), sort_keys=True) if body else ""
    return hashlib.sha256(said.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Idempotency:
    """Keeps the answers of one service for a day, each in the transaction of what it reports.

    Sealed under ``secret`` and the key together, because answers hold links and keys that nothing else shows again.
    """

    database: Database
    secret: str = field(repr=False)
    clock: Clock

    async def once(self, attempt: Attempt, create: Create) -> Response:
        """The answer of ``create``, or of the attempt before under the same key.

        Of many at once one creates, and the others wait for its answer. A problem that ``create`` raises leaves
        nothing behind, so that the same request may be tried again. ``IdempotencyKeyReused``, ``AnswerUnreadable``.
        """
        now = self.clock()
        async with self.database.joint_transaction(attempt.caller.tenant_id) as tx:
            if not await tx.fetchval(_TAKE, *attempt.row, now, now - KEPT_FOR):
                return self._unseal(attempt, await tx.fetchval(_ANSWER, *attempt.row))
            answer = await create()
            await tx.execute(_KEEP, *attempt.row, self._seal(attempt, answer))
        return answer

    async def run(self) -> None:
        """Forget now and every hour what has been kept for a day, until cancelled."""
        await recurring(self.forget, every=PERIOD_SECONDS, otherwise="idempotency keys not forgotten")

    async def forget(self) -> int:
        """Remove the answers that nobody gets any more; how many there were. A few in each transaction."""
        forgotten, before = 0, self.clock() - KEPT_FOR
        while True:
            async with self.database.background() as tx:
                count = await tx.execute(_FORGET, before, FORGOTTEN_AT_ONCE)
            forgotten += count
            if count < FORGOTTEN_AT_ONCE:
                return forgotten

    def _seal(self, attempt: Attempt, answer: Response) -> bytes:
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.raw_headers]
        kept = [attempt.fingerprint, answer.status_code, headers, bytes(answer.body).decode()]
        return self._sealer(attempt).seal(json.dumps(kept).encode(), row=attempt.row_name)

    def _unseal(self, attempt: Attempt, sealed: bytes) -> Response:
        try:
            kept = json.loads(self._sealer(attempt).unseal(sealed, row=attempt.row_name))
        except Unreadable:
            raise AnswerUnreadable from None
        fingerprint, status, headers, body = kept
        if fingerprint != attempt.fingerprint:
            raise IdempotencyKeyReused
        answer = Response(body, status)
        answer.raw_headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        return answer

    def _sealer(self, attempt: Attempt) -> Sealer:
        return Sealer.derive(f"{self.secret}\n{attempt.key}", _PURPOSE)
