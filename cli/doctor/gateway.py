"""Examines a running gateway, as its clients see it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import httpx

from cli.doctor.finding import Ailment, Finding, Outcome, compare_clocks, examine
from cli.gateway_client import object_in
from shared.clock import Clock

NAME = "gateway"
WELL = {"status": "ok"}


@dataclass(frozen=True, slots=True)
class GatewayExamination:
    """``client`` is pointed at the gateway."""

    client: httpx.AsyncClient
    clock: Clock

    async def __call__(self) -> AsyncIterator[Finding]:
        """First whether it answers; the other findings only if so."""
        answers = await examine(NAME, "health", self._health())
        yield answers
        if answers.outcome is not Outcome.OK:
            yield Finding(NAME, "services, key set, clock", Outcome.SKIPPED, "There is no gateway to ask.")
            return
        yield await examine(NAME, "services", self._services())
        yield await examine(NAME, "key set", self._key_set())
        yield await examine(NAME, "clock", self._time())

    async def _health(self) -> str:
        address = self.client.base_url
        try:
            answer = await self.client.get("/health")
        except httpx.HTTPError as error:
            raise Ailment(
                f"{address} does not answer ({type(error).__name__}). Start it, or name the right one: --url."
            ) from error
        if not answer.is_success or object_in(answer) != WELL:
            raise Ailment(f"{address} answers {answer.status_code} to /health. Is this our gateway? Read its log.")
        return f"{address} answers"

    async def _services(self) -> str:
        answer = await self.client.get("/api/health/db")
        states: dict[str, str] = object_in(answer).get("databases", {})
        if bad := [f"{name} ({state})" for name, state in states.items() if state != "ok"]:
            raise Ailment(f"Not well: {', '.join(bad)}. Look whether they run, and read their logs.")
        if not answer.is_success:
            raise Ailment(f"The gateway answers {answer.status_code} for its services. Read its log.")
        return f"{', '.join(states)} are well"

    async def _key_set(self) -> str:
        answer = await self.client.get("/.well-known/jwks.json")
        keys = object_in(answer).get("keys", []) if answer.is_success else []
        if not keys:
            raise Ailment(
                "The public key set is empty, so no access token can be checked. Look whether auth runs, and whether "
                "its JWT_SECRET_KEY is the one that its signing keys were encrypted with."
            )
        return f"{len(keys)} signing key{'s' if len(keys) > 1 else ''}"

    async def _time(self) -> str:
        answer = await self.client.get("/health")
        return compare_clocks(parsedate_to_datetime(answer.headers.get("date", "")), self.clock())
