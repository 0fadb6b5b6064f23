"""Who may try a password at all: strangers are slowed down, and never lock a person out of their own devices."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from services.auth.domain.throttling import Attempt, network_on_the_internet
from services.auth.errors.credentials import HashingOverloaded
from services.auth.sign_in.own_devices import own_device
from services.auth.sign_in.throttle import Throttle, too_many
from shared.contracts.email import Email
from shared.database import Database
from shared.http.client_info import Client


@dataclass(frozen=True, slots=True)
class _Admission:
    """What a try was counted for."""

    subject: str
    network: str | None


@dataclass(frozen=True, slots=True)
class SignInGate:
    """Counts each try for the account and for the network that it comes from, before any expensive work.

    When one of them is closed, a device from which this person has signed in before has a count of its own. Unknown
    accounts cost the same, so that the gate tells nobody who has one.
    """

    database: Database
    throttle: Throttle

    @asynccontextmanager
    async def trying(self, email: Email, client: Client) -> AsyncIterator[None]:
        """Let a try pass, or refuse it with ``TooManyAttempts``.

        Whoever leaves the block by no exception is the right person. A password that nobody had the time to look at
        (``HashingOverloaded``) is counted no more, though a delay that it began stays.
        """
        admission = await self._admit(email, client)
        try:
            yield
        except HashingOverloaded:
            await self.throttle.take_back(Attempt.LOG_IN, admission.subject)
            await self._take_back_from_network(admission)
            raise
        await self._welcome(admission)

    async def _admit(self, email: Email, client: Client) -> _Admission:
        network = network_on_the_internet(client.address)
        shut = await self.throttle.count(Attempt.LOG_IN_FROM_NETWORK, network) if network else None
        # A network that is closed does not close accounts on top.
        wait = shut or await self.throttle.count(Attempt.LOG_IN, email)
        if wait is None:
            return _Admission(email, network)
        known = await own_device(self.database, email, client)
        if known is None:
            raise too_many(wait)
        await self.throttle.admit(Attempt.LOG_IN, known)
        return _Admission(known, None if shut else network)

    async def _welcome(self, admission: _Admission) -> None:
        """Forget the tries of the account or device, and this one of the network."""
        await self.throttle.clear(Attempt.LOG_IN, admission.subject)
        await self._take_back_from_network(admission)

    async def _take_back_from_network(self, admission: _Admission) -> None:
        if admission.network:
            await self.throttle.take_back(Attempt.LOG_IN_FROM_NETWORK, admission.network)
