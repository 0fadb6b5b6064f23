"""Passwords that were stolen elsewhere, as a server of ranges tells of them."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from prometheus_client import REGISTRY
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from services.auth.passwords.breached import CONNECTIONS, LONGEST_ANSWER, BreachedPasswords
from services.auth.settings import AuthSettings
from tests.integration.auth.desk import PASSWORD, Company, Desk, caller_of, problem
from tests.support.servers import serving

STOLEN = "stolen-otter-41"
PADDING = "0" * 35


def digits(password: str) -> str:
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


@dataclass(slots=True)
class Ranges:
    """Answers as Pwned Passwords does, unless ``answer`` says otherwise or ``gate`` keeps it from doing so."""

    stolen: dict[str, int] = field(default_factory=lambda: {digits(STOLEN): 17})
    answer: Response | None = None
    gate: asyncio.Event | None = None
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    under_way: int = 0
    most_at_once: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        self.asked.append((request.url.path, request.headers.get("add-padding")))
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        if self.gate:
            await self.gate.wait()
        self.under_way -= 1
        await (self.answer or self._range(request.url.path.rpartition("/")[2]))(scope, receive, send)

    def _range(self, prefix: str) -> Response:
        known = {sha[5:]: count for sha, count in self.stolen.items() if sha.startswith(prefix)}
        return PlainTextResponse("\r\n".join(f"{rest}:{count}" for rest, count in (known | {PADDING: 0}).items()))


@pytest.fixture
def ranges() -> Ranges:
    return Ranges()


@pytest.fixture
async def url(ranges: Ranges) -> AsyncIterator[str]:
    async with serving(ranges) as base:
        yield f"{base}/range"


@asynccontextmanager
async def asking(url: str, seconds: float = 5) -> AsyncIterator[BreachedPasswords]:
    passwords = BreachedPasswords(url, seconds)
    try:
        yield passwords
    finally:
        await passwords.close()


def counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("breached_password_look_ups_total", {"outcome": outcome}) or 0.0


async def test_a_stolen_password_is_known_by_five_digits_of_its_hash(ranges: Ranges, url: str) -> None:
    before = counted("known"), counted("unknown")
    async with asking(url) as passwords:
        assert await passwords.know(STOLEN)
        assert not await passwords.know(PASSWORD)
    assert ranges.asked == [(f"/range/{digits(each)[:5]}", "true") for each in (STOLEN, PASSWORD)]
    assert (counted("known"), counted("unknown")) == (before[0] + 1, before[1] + 1)


async def test_lines_that_pad_the_answer_are_no_passwords(ranges: Ranges, url: str) -> None:
    ranges.stolen = {digits(PASSWORD): 0}
    async with asking(url) as passwords:
        assert not await passwords.know(PASSWORD)


async def test_it_is_asked_about_the_one_form_in_which_passwords_are_hashed(ranges: Ranges, url: str) -> None:
    ranges.stolen = {digits("caf\u00e9 au lait"): 3}
    async with asking(url) as passwords:
        assert await passwords.know("cafe\u0301 au lait")


@pytest.mark.parametrize(
    "answer",
    [
        lambda: Response("", 500),
        lambda: Response("", 404),
        lambda: RedirectResponse("/elsewhere"),
        lambda: PlainTextResponse("<html>Sign in to this network</html>"),
        lambda: PlainTextResponse(f"{digits(STOLEN)[5:]}:17\r\n" * (LONGEST_ANSWER // 40 + 1)),
    ],
    ids=["error", "not found", "redirect", "no range", "too long"],
)
async def test_nobody_is_refused_because_of_a_bad_answer(
    ranges: Ranges, url: str, answer: Callable[[], Response]
) -> None:
    ranges.answer, before = answer(), counted("failed")
    async with asking(url) as passwords:
        assert not await passwords.know(STOLEN)
    assert counted("failed") == before + 1
    assert len(ranges.asked) == 1


async def test_nobody_is_refused_because_of_no_answer(ranges: Ranges, url: str) -> None:
    ranges.gate, before = asyncio.Event(), counted("failed")
    async with asking(url, seconds=0.05) as passwords:
        assert not await passwords.know(STOLEN)
    ranges.gate.set()
    async with asking("http://127.0.0.1:1") as nobody:
        assert not await nobody.know(STOLEN)
    assert counted("failed") == before + 2


async def test_no_more_are_asked_at_once_than_there_are_connections(ranges: Ranges, url: str) -> None:
    ranges.gate = asyncio.Event()
    async with asking(url) as passwords, asyncio.TaskGroup() as side_by_side:
        tasks = [side_by_side.create_task(passwords.know(STOLEN)) for _ in range(3 * CONNECTIONS)]
        while ranges.under_way < CONNECTIONS:  # noqa: ASYNC110 - what is waited for happens in a server
            await asyncio.sleep(0)
        ranges.gate.set()
    assert all(task.result() for task in tasks)
    assert ranges.most_at_once == CONNECTIONS


class TestAtTheService:
    """With the setting."""

    @pytest.fixture
    def settings(self, settings: AuthSettings, url: str) -> AuthSettings:
        return settings.model_copy(update={"breached_passwords_url": url})

    async def test_a_stolen_password_is_weak_wherever_one_is_chosen(
        self, desk: Desk, company: Company, ranges: Ranges
    ) -> None:
        session = await desk.join(company, "anna@company.com")
        await desk.post("/api/auth/password/forgot", {"email": "anna@company.com"})
        token = (await desk.mails("anna@company.com"))[-1].token
        change = {"current_password": PASSWORD, "password": STOLEN}
        refused = [
            await desk.sign_up("bo@company.com", password=STOLEN),
            await desk.sign_up("cy@company.com", desk.invite(company, "cy@company.com").token, password=STOLEN),
            await desk.post("/api/auth/password", change, by=caller_of(session)),
            await desk.post("/api/auth/password/reset", {"token": token, "password": STOLEN}),
        ]
        assert [problem(answer) for answer in refused] == [(422, "weak_password")] * 4
        assert all("stolen" in answer.json()["detail"] for answer in refused)

        ranges.answer = Response("", 503)
        reset = await desk.post("/api/auth/password/reset", {"token": token, "password": STOLEN})
        assert reset.status_code == 204

    async def test_what_the_rules_refuse_is_not_asked_about(self, desk: Desk, company: Company, ranges: Ranges) -> None:
        assert problem(await desk.sign_up("bo@company.com", password="company-1")) == (422, "weak_password")
        assert ranges.asked == []


async def test_nobody_is_asked_without_the_setting(desk: Desk, company: Company, ranges: Ranges, url: str) -> None:
    assert (await desk.sign_up("bo@company.com", password=STOLEN)).status_code == 202
    assert ranges.asked == []
