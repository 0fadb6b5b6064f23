"""Sends what waits in the mail queue, as long as the service runs."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from prometheus_client import Counter

from shared.clock import Clock
from shared.database import Database, Transaction
from shared.mail import queue
from shared.mail.message import Sender, compose
from shared.mail.queue import ClaimLost, Outcome, QueuedMail, Result
from shared.mail.transport import MailRefused, MailTransport
from shared.recurring import recurring
from shared.sealing import Sealer, Unreadable

POLL_SECONDS = 0.25
CONCURRENCY = 8
LEASE = timedelta(seconds=120)
"""Longer than any transport's deadline: who holds a mail longer than this is dead."""

KEPT = timedelta(days=30)
"""How long it can be looked up what became of a mail."""

PURGE_PERIOD_SECONDS = 3600.0
PURGE_BATCH = 5_000

FINISHED = Counter("mails_finished_total", "Mails that came to an end", ["service", "kind", "result"])

OnOutcome = Callable[[Transaction, QueuedMail, Outcome], Awaitable[None]]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a mail is tried, and how long to wait in between; with these numbers for about four hours."""

    attempts: int = 12
    first_delay: timedelta = timedelta(seconds=5)
    longest_delay: timedelta = timedelta(hours=1)

    def delay_after(self, attempt: int) -> timedelta | None:
        """How long to wait after the given attempt (1 is the first); ``None`` is the end of it.

        Up to half is taken off at random, so that mails that failed together do not come back together.
        """
        if attempt >= self.attempts:
            return None
        # The exponent is bounded, because a timedelta is.
        delay = self.first_delay * 3.0 ** min(attempt - 1, 16)
        return min(delay, self.longest_delay) * random.uniform(0.5, 1.0)  # noqa: S311 - no secret


async def ignore_outcome(_: Transaction, __: QueuedMail, ___: Outcome) -> None:
    """For services that need not know what became of their mails."""


@dataclass(slots=True)
class MailWorker:
    """Any number of them may run: each mail is one worker's until its lease is over.

    Delivery is at least once. A death between sending and recording sends again, with the same Message-ID. A mail that
    has lapsed is not begun any more; one that lapses on its way is sent if the mail server takes it.
    ``on_outcome`` runs in the transaction, held to the mail's tenant, that records the end of a mail, and before the
    mail's row is locked: a use case may lock what the mail is about and then withdraw the mail, without a deadlock.
    """

    database: Database
    transport: MailTransport
    sealer: Sealer
    sender: Sender
    clock: Clock
    on_outcome: OnOutcome = ignore_outcome
    patience: Patience = Patience()
    concurrency: int = CONCURRENCY
    poll_seconds: float = POLL_SECONDS
    _busy: int = field(default=0, init=False)
    _wake: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    def wake(self) -> None:
        """Look at the queue now, and not only when ``poll_seconds`` are over."""
        self._wake.set()

    async def run(self) -> None:
        """Send until cancelled. Mails that are under way then are sent again when their lease is over."""
        async with asyncio.TaskGroup() as deliveries:
            deliveries.create_task(recurring(self._purge, every=PURGE_PERIOD_SECONDS, otherwise="mails not purged"))
            while True:
                self._wake.clear()
                claimed = await self._claim()
                self._busy += len(claimed)
                for mail in claimed:
                    deliveries.create_task(self._deliver(mail))
                if not claimed:
                    await self._rest()

    async def _purge(self) -> None:
        """Forget what was sent or given up long ago."""
        while await self._purge_batch() == PURGE_BATCH:
            pass

    async def _purge_batch(self) -> int:
        async with self.database.background() as tx:
            return await queue.purge(tx, self.clock() - KEPT, PURGE_BATCH)

    async def _claim(self) -> list[QueuedMail]:
        free = self.concurrency - self._busy
        if not free:
            return []
        try:
            async with self.database.background() as tx:
                return await queue.claim(tx, limit=free, lease=LEASE)
        except Exception as error:  # noqa: BLE001 - outlives every outage; the next look comes soon
            log.warning("mail queue not read", service=self.database.name, reason=f"{type(error).__name__}: {error}")
            return []

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self.poll_seconds):
                await self._wake.wait()

    async def _deliver(self, mail: QueuedMail) -> None:
        for result in Result:  # 0 before it is 1, or an alert would see no increase
            FINISHED.labels(self.database.name, mail.kind, result)
        try:
            await self._settle(mail, await self._attempt(mail))
        except ClaimLost:
            log.info("mail settled by another", mail_id=mail.id, kind=mail.kind)
        except Exception as error:  # noqa: BLE001 - must not stop the others; its lease lapses, then it is tried again
            log.error("mail not settled", mail_id=mail.id, kind=mail.kind, reason=f"{type(error).__name__}: {error}")
        finally:
            self._busy -= 1
            self._wake.set()

    async def _attempt(self, mail: QueuedMail) -> MailRefused | None:
        """Send it, if that is worth while; what kept it from going out, if anything did."""
        if mail.has_lapsed(self.clock()):
            return MailRefused(mail.refusal or "No attempt came to an end.", permanent=False)
        if mail.attempts > self.patience.attempts:
            return MailRefused("Sending was interrupted each time.", permanent=False)
        try:
            letter = compose(mail.open(self.sealer), self.sender, mail_id=mail.id, at=mail.created_at)
            await self.transport.send(letter)
        except Unreadable:
            return MailRefused("The mail was encrypted with another DATA_ENCRYPTION_KEY.", permanent=False)
        except MailRefused as refusal:
            return refusal
        return None

    async def _settle(self, mail: QueuedMail, refusal: MailRefused | None) -> None:
        now = self.clock()
        delay = self._delay(mail, refusal, now)
        async with self.database.transaction(mail.tenant_id) as tx:
            if refusal and delay:
                await queue.postpone(tx, mail, delay, refusal.reason)
                return
            outcome = _outcome(mail, refusal, now)
            await self.on_outcome(tx, mail, outcome)
            await queue.finish(tx, mail, outcome)
        FINISHED.labels(self.database.name, mail.kind, outcome.result).inc()
        if outcome.result is Result.LAPSED:
            # Without the reason, in which mail servers like to repeat the address.
            log.warning("mail lapsed", service=self.database.name, mail_id=mail.id, kind=mail.kind)

    def _delay(self, mail: QueuedMail, refusal: MailRefused | None, now: datetime) -> timedelta | None:
        if refusal is None or refusal.permanent or mail.has_lapsed(now):
            return None
        return self.patience.delay_after(mail.attempts)


def _outcome(mail: QueuedMail, refusal: MailRefused | None, now: datetime) -> Outcome:
    if refusal is None:
        return Outcome(Result.SENT, now)
    if refusal.permanent:
        return Outcome(Result.BOUNCED, now, refusal.reason)
    if mail.has_lapsed(now):
        # Not known to be: whoever had it may have died after sending.
        return Outcome(Result.LAPSED, now, f"Its link expired before it was known to be sent. {refusal.reason}")
    return Outcome(Result.FAILED, now, refusal.reason)
