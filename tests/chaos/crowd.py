"""People who are invited and sign up through the gateway, and do not give up."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from uuid import uuid4

import httpx

from cli.embedded.seed import ADMIN_EMAIL
from tests.e2e.faults.people import Invited, Json, sign_in, sign_up
from tests.e2e.support import token_in

AGAIN_SECONDS = 0.2
PATIENCE_SECONDS = 180.0
_COME_AGAIN = {401, 429, 502, 503, 504}


@dataclass(slots=True)
class Crowd:
    """Those who came. ``told`` that they are in were all who came to the end of it."""

    http: httpx.AsyncClient
    admin_password: str
    told: set[str] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)
    _admin: Json = field(default_factory=dict)
    _coming: set["asyncio.Task[None]"] = field(default_factory=set)

    def come(self, *, vanishing_after: float | None = None) -> None:
        """One more, in their own time; if ``vanishing_after`` seconds, then they come again after that."""
        coming = asyncio.create_task(self._come(vanishing_after))
        self._coming.add(coming)
        coming.add_done_callback(self._coming.discard)

    async def all_in(self) -> None:
        """Return when everybody who came is in."""
        await asyncio.gather(*self._coming)

    async def _come(self, vanishing_after: float | None) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            who = await self._invited()
            if vanishing_after is not None:
                await self._vanish(who, vanishing_after)
            answer = await self._insist(lambda: sign_up(self.http, who))
        # Who signs up a second time, because they never heard of the first, has an account.
        if answer.status_code == httpx.codes.CREATED or answer.json()["code"] == "account_exists":
            self.told.add(who.email)
        else:
            self.refused.append(f"{who.email}: {answer.status_code} {answer.text}")

    async def _invited(self) -> Invited:
        while True:
            email = f"{uuid4().hex}@example.com"
            answer = await self._insist(partial(self._invite, email))
            if answer.status_code == httpx.codes.CREATED:
                return Invited(email, token_in(answer.json()["invite_url"]))
            # The first time may have been saved without our hearing of it, and the link is shown once.

    async def _invite(self, email: str) -> httpx.Response:
        if not self._admin:
            self._admin = await sign_in(self.http, ADMIN_EMAIL, self.admin_password)
        answer = await self.http.post("/api/invitations", json={"email": email}, headers=self._admin)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            self._admin = {}
        return answer

    async def _vanish(self, who: Invited, after: float) -> None:
        """Ask, and hang up before the answer."""
        try:
            async with asyncio.timeout(after):
                await sign_up(self.http, who)
        except (TimeoutError, httpx.TransportError):
            return

    async def _insist(self, ask: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
        """The first answer that is one."""
        while True:
            try:
                answer = await ask()
                if answer.status_code not in _COME_AGAIN:
                    return answer
            except (httpx.TransportError, AssertionError):  # a sign-in that did not work is the latter
                pass
            await asyncio.sleep(AGAIN_SECONDS)
