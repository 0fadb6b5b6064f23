"""SIGKILL at each step of what becomes of the signing keys: all of it or nothing, and everybody goes on."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from services.auth.domain.signing_keys import PUBLISHED_AFTER, PUBLISHED_AHEAD, KeyState, SealedKey
from services.auth.signing_keys.keeping import KeyKeeping
from services.auth.signing_keys.ring import KeyRing
from services.auth.signing_keys.sealing import KeySealer
from shared.database import Database
from shared.sealing import Unreadable
from tests.integration.auth.sessions.desk import JWT_SECRET, MovableClock
from tests.integration.auth.sessions.keys import NEW_SECRET
from tests.integration.auth.sessions.mortal_keys import AGE, carry_out
from tests.support import programs
from tests.support.connections import connected
from tests.support.databases import DatabaseUrls

FEWEST_STEPS = 5

Keys = list[SealedKey]


@dataclass
class Installation:
    """The keys of one, and an operator's process that may be killed."""

    urls: DatabaseUrls
    database: Database
    program: asyncio.subprocess.Process
    clock: MovableClock = field(default_factory=MovableClock)

    def keeping(self, *secrets: str) -> KeyKeeping:
        return KeyKeeping(self.database, KeySealer.from_secret(*secrets or (JWT_SECRET,)), self.clock)

    async def rows(self) -> Keys:
        return [key for key, _ in await self.keeping().all()]

    async def states(self) -> list[KeyState]:
        return sorted(state for _, state in await self.keeping().all())

    async def put_back(self, keys: Keys) -> None:
        sql = "INSERT INTO signing_keys VALUES ($1, $2, $3, $4, $6, $5)"
        rows = [
            (key.kid, json.dumps(key.public_jwk), key.private_sealed, key.created_at, key.signs_from, key.retired_at)
            for key in keys
        ]
        async with connected(self.urls.owner) as connection:
            await connection.execute("DELETE FROM signing_keys")
            await connection.executemany(sql, rows)

    async def done(self, order: dict[str, Any]) -> None:
        """It happens, without a death."""
        await carry_out(self.keeping(*order["secrets"]), order)

    async def killed_before(self, step: int, order: dict[str, Any]) -> bool:
        """Whether the process came as far as that step."""
        assert self.program.stdin
        assert self.program.stdout
        order |= {"ahead": self.clock.ahead.total_seconds(), "last": step}
        self.program.stdin.write(json.dumps(order).encode() + b"\n")
        ended = int(await self.program.stdout.readline())
        assert ended in {0, -signal.SIGKILL}
        return ended != 0


@pytest.fixture
async def installation(urls: DatabaseUrls) -> AsyncIterator[Installation]:
    database = await Database.open("auth", urls.serving, urls.look_up)
    command = (programs.interpreter(), "-m", "tests.integration.auth.sessions.mortal_keys", urls.serving, urls.look_up)
    pipe = asyncio.subprocess.PIPE
    program = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    yield Installation(urls, database, program)
    await program.communicate(b"")
    await database.close()


async def nothing(_: Installation) -> str:
    return ""


async def one_key(there: Installation) -> str:
    [key] = await there.keeping().begin()
    return key.kid


async def one_key_of_age(there: Installation) -> str:
    kid = await one_key(there)
    there.clock.ahead += AGE
    return kid


async def one_that_waits(there: Installation) -> str:
    kid = await one_key(there)
    await there.keeping().rotate()
    return kid


async def one_that_is_over(there: Installation) -> str:
    kid = await one_that_waits(there)
    there.clock.ahead += PUBLISHED_AHEAD + PUBLISHED_AFTER + timedelta(seconds=1)
    return kid


def readable_under(secret: str, keys: Keys) -> bool:
    """Whether all that were not retired can be opened with that secret alone."""
    sealer = KeySealer.from_secret(secret)
    with suppress(Unreadable):
        return all(sealer.unseal(key) for key in keys if key.retired_at is None)
    return False


async def starts_and_goes_on(there: Installation, secrets: Sequence[str]) -> set[str]:
    """A process that starts now signs with a key that it publishes; the ids of all that it publishes."""
    ring = KeyRing(KeySealer.from_secret(*secrets), await there.keeping(*secrets).begin())
    published = {str(key["kid"]) for key in ring.public_jwks()}
    assert ring.signing(there.clock()).kid in published
    return published


CASES: list[tuple[str, Callable[[Installation], Awaitable[str]], tuple[str, ...]]] = [
    ("begin", nothing, (JWT_SECRET,)),
    ("rotate", one_key, (JWT_SECRET,)),
    ("turn over", one_key_of_age, (JWT_SECRET,)),
    ("turn over", one_that_is_over, (JWT_SECRET,)),
    ("revoke", one_key, (JWT_SECRET,)),
    ("revoke", one_that_waits, (JWT_SECRET,)),
    ("rewrap", one_that_waits, (NEW_SECRET, JWT_SECRET)),
]


@pytest.mark.slow
async def test_killed_at_any_step_the_keys_are_as_before_or_as_they_shall_be(installation: Installation) -> None:
    for act, given, secrets in CASES:
        await installation.put_back([])
        installation.clock.ahead = timedelta()
        order = {"act": act, "kid": await given(installation), "secrets": list(secrets)}
        before = await installation.rows()
        await installation.done(order)
        steps = await killed_at_each_step(installation, order, before, await installation.states())
        assert steps >= FEWEST_STEPS


async def killed_at_each_step(there: Installation, order: dict[str, Any], before: Keys, wanted: list[KeyState]) -> int:
    """From ``before`` to ``wanted``, with a death on the way; how many steps there are."""
    for step in count():
        await there.put_back(before)
        if not await there.killed_before(step, order):
            return step
        after = await there.rows()
        assert after == before or await there.states() == wanted
        assert readable_under(JWT_SECRET, after) or readable_under(NEW_SECRET, after)
        published = await starts_and_goes_on(there, order["secrets"])
        assert {key.kid for key in after if key.retired_at is None} <= published

        await there.done(order)  # whoever comes next
        assert await there.states() == wanted
        assert order["act"] != "rewrap" or readable_under(NEW_SECRET, await there.rows())
    raise AssertionError
