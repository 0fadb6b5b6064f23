"""How much of a sign-in is its hash, and what everybody else notices while many sign in.

The service is called without a socket, on the loop and with the collector of garbage as it has them in production.
``SIGN_IN_BENCH_SECONDS`` is how long the steady load lasts.
"""

import asyncio
import itertools
import json
import os
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import argon2
import uvloop

from services.auth.schema import SCHEMA
from services.auth.settings import HARD_MEMORY_KIB, HARD_PASSES
from shared.contracts.caller import CONTEXT_HEADER
from shared.logs import configure_logs
from shared.process import spare_the_collector
from tests.benchmarks.figures import percentile, show
from tests.benchmarks.gateway.process import FIRST_CORE, SECOND_CORE
from tests.benchmarks.pace import Pace, Spell, watched
from tests.integration.auth.sessions.desk import PASSWORD, Desk, caller_of, serving
from tests.support.databases import Databases
from tests.support.passwords import HARD

PEOPLE = 32
AT_A_TIME = 4
TURNS = 10
"""Of hashes alone and of sign-ins: the speed of the memory, on which a hash depends, changes from second to second."""

SIGN_INS = 200
HASHES = 120
SHARE = 0.7
OTHERS_EVERY = 0.05
SECONDS = float(os.environ.get("SIGN_IN_BENCH_SECONDS", "15"))

HASHED = argon2.PasswordHasher(time_cost=HARD_PASSES, memory_cost=HARD_MEMORY_KIB, parallelism=1).hash(PASSWORD)

REFUSED: Counter[str] = Counter()
"""By path, what a machine that others used meanwhile could not take."""

Headers = list[tuple[bytes, bytes]]


@dataclass(slots=True)
class Place:
    """The service, people who sign in, and somebody who is signed in."""

    app: Any
    anonymous: Callable[[], Headers]
    caller: Callable[[], Headers]
    emails: Iterator[str]
    sign_ins: list[float] = field(default_factory=list)
    others: list[float] = field(default_factory=list)

    async def sign_in(self) -> None:
        """Note how many milliseconds the next person waits."""
        body = json.dumps({"email": next(self.emails), "password": PASSWORD}).encode()
        self.sign_ins.append(await call(self.app, self.anonymous(), "POST", "/api/auth/login", body))

    async def look(self) -> None:
        """Note how many milliseconds somebody waits who asks who they are."""
        self.others.append(await call(self.app, self.caller(), "GET", "/api/auth/me", b""))


async def call(app: Any, headers: Headers, method: str, path: str, body: bytes) -> float:
    """How many milliseconds an answer took: a success, or being asked to come again."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope: dict[str, Any] = {"type": "http", "method": method, "path": path, "raw_path": path.encode()}
    scope |= {"query_string": b"", "headers": headers, "client": ("192.0.2.1", 1), "server": ("auth", 80)}
    scope |= {"http_version": "1.1", "scheme": "http", "root_path": "", "asgi": {"version": "3.0"}}
    began = time.perf_counter()
    await app(scope, receive, send)
    assert sent[0]["status"] in {200, 503}, sent
    REFUSED[path] += sent[0]["status"] == 503
    return (time.perf_counter() - began) * 1000


async def opened(desk: Desk) -> Place:
    company = await desk.tenant("company")
    emails = [f"person{number}@company.com" for number in range(PEOPLE)]
    for email in emails:
        await desk.person(email, company)
    caller = caller_of(await desk.session(emails[0]))

    def headers(context: dict[str, str]) -> Headers:
        return [
            (b"content-type", b"application/json"),
            (CONTEXT_HEADER.encode(), context[CONTEXT_HEADER].encode()),
        ]

    app: Any = desk.http._transport.app  # type: ignore[attr-defined]
    return Place(app, lambda: headers(desk.headers()), lambda: headers(desk.headers(caller)), itertools.cycle(emails))


@dataclass(slots=True)
class Cost:
    """What ``count`` of something take of processor time, turn by turn."""

    count: int
    spells: list[Spell] = field(default_factory=list)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Add what the block does."""
        began, since = time.process_time(), time.monotonic()
        yield
        self.spells.append(Spell(time.process_time() - began, since, time.monotonic()))

    def each(self, pace: Pace) -> tuple[float, float]:
        """Seconds of one: as they were, and at the full pace of the cores."""
        return sum(spell.cpu_seconds for spell in self.spells) / self.count, pace.cpu_seconds(self.spells) / self.count

    def told(self, pace: Pace) -> str:
        """The same, to be read."""
        seen, full = self.each(pace)
        return f"{seen * 1000:.1f} ms, {1 / seen:.0f}/s per core; at full pace {full * 1000:.1f} ms, {1 / full:.0f}/s"

    def share_of(self, whole: "Cost", pace: Pace) -> str:
        """How much of ``whole`` it is, each of both."""
        seen, full = (part / all_of_it for part, all_of_it in zip(self.each(pace), whole.each(pace), strict=True))
        return f"{seen:.2f}; at full pace {full:.2f}"


def hash_alone(at_a_time: int) -> None:
    """One turn of nothing but argon2id, with the parameters of the service."""
    hasher = argon2.PasswordHasher(time_cost=HARD_PASSES, memory_cost=HARD_MEMORY_KIB, parallelism=1)
    with ThreadPoolExecutor(at_a_time) as threads:
        list(threads.map(hasher.verify, [HASHED] * (HASHES // TURNS), [PASSWORD] * (HASHES // TURNS)))


async def in_a_row(place: Place) -> None:
    for _ in range(SIGN_INS // AT_A_TIME // TURNS):
        await place.sign_in()


async def at_a_pace(seconds: float, every: float, act: Callable[[], Awaitable[None]]) -> None:
    """Begin one each time, whether the former are done or not."""
    began, under_way = time.perf_counter(), []
    for number in range(int(seconds / every)):
        await asyncio.sleep(max(0.0, began + number * every - time.perf_counter()))
        under_way.append(asyncio.ensure_future(act()))
    await asyncio.gather(*under_way)


def test_sign_ins_per_core(databases: Databases, tmp_path: Path) -> None:
    uvloop.run(_measure(databases, tmp_path))


async def _measure(databases: Databases, folder: Path) -> None:
    configure_logs("auth", level="info", style="json", stream=(folder / "log").open("w"))
    urls = await databases.fresh(SCHEMA)
    async with serving(urls, folder, **HARD) as desk:
        with watched([FIRST_CORE, SECOND_CORE], folder) as pace:
            rows = await _rows(await opened(desk), pace)
    await databases.drop(urls)
    show(f"{SIGN_INS} sign-ins, {AT_A_TIME} at a time, two threads for hashes", ["", ""], rows)


async def _rows(place: Place, pace: Pace) -> list[tuple[str, str]]:
    spare_the_collector()
    bare, beside, each, wall = Cost(HASHES), Cost(HASHES), Cost(SIGN_INS), 0.0
    for _ in range(TURNS):
        with bare.turn():
            hash_alone(1)
        with beside.turn():
            hash_alone(2)
        since = time.perf_counter()
        with each.turn():
            await asyncio.gather(*(in_a_row(place) for _ in range(AT_A_TIME)))
        wall += time.perf_counter() - since
    await at_a_pace(2, OTHERS_EVERY, place.look)
    alone = percentile(place.others, 99)
    place.sign_ins.clear()
    place.others.clear()
    REFUSED.clear()
    await asyncio.gather(
        at_a_pace(SECONDS, wall / SIGN_INS / SHARE, place.sign_in), at_a_pace(SECONDS, OTHERS_EVERY, place.look)
    )
    return [
        ("a hash alone, of processor time", bare.told(pace)),
        ("a hash beside another", beside.told(pace)),
        ("a sign-in", each.told(pace)),
        ("of the rate of hashes", bare.share_of(each, pace)),
        ("of the rate of two at once", beside.share_of(each, pace)),
        (f"sign-ins at {SHARE:.0%} of {SIGN_INS / wall:.0f}/s, p50", f"{percentile(place.sign_ins, 50):.0f} ms"),
        ("p99", f"{percentile(place.sign_ins, 99):.0f} ms"),
        ("others meanwhile, p50", f"{percentile(place.others, 50):.1f} ms"),
        ("p99", f"{percentile(place.others, 99):.1f} ms"),
        ("refused with 503", f"{REFUSED.total()} of {len(place.sign_ins) + len(place.others)}"),
        ("others without, p99", f"{alone:.1f} ms"),
    ]
