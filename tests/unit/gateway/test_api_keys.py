"""From an API key to a caller, and for how long that is remembered."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from pydantic import ValidationError

from gateway.authenticate.api_keys import MOST_QUESTIONS, REFUSED_SECONDS, REMEMBERED_SECONDS, ApiKeys, KeyAnswer
from gateway.problems import Flaw, InvalidToken, ServiceUnavailable
from shared.clock import utc_now
from shared.contracts.api_keys import ApiKey
from shared.contracts.caller import Caller
from shared.http.peer import PeerUnavailable
from shared.ids import new_id
from tests.support.api_keys import Known, a_key


class Desk:
    """A gateway's memory of keys with everything that a test may turn."""

    def __init__(self, size: int = 100) -> None:
        self.now = utc_now()
        self.seconds = 0.0
        self.auth = Known()
        self.hold = asyncio.Event()
        self.hold.set()
        self.failure: Exception | None = None
        self.keys = ApiKeys(self._ask, lambda: self.now, lambda: self.seconds, size)

    async def _ask(self, key: ApiKey) -> KeyAnswer:
        answer = await self.auth.ask(key)
        await self.hold.wait()
        if self.failure:
            raise self.failure
        return answer

    def add(self, tenant_id: UUID | None = None, expires_at: datetime | None = None) -> ApiKey:
        return self.auth.add(tenant_id, expires_at)

    async def open(self, key: ApiKey | str) -> Caller:
        return (await self.keys.identify((key if isinstance(key, str) else key.text).encode())).caller

    async def flaw(self, key: ApiKey | str) -> Flaw:
        with pytest.raises(InvalidToken) as refused:
            await self.open(key)
        return refused.value.flaw


async def asked(desk: Desk, times: int) -> None:
    while desk.auth.asked < times:  # noqa: ASYNC110 - it takes a turn of the loop or two
        await asyncio.sleep(0)


async def test_a_key_is_its_own_caller_in_its_own_tenant() -> None:
    desk, tenant_id = Desk(), new_id()
    key = desk.add(tenant_id)
    caller = await desk.open(key)
    assert (caller.key_id, caller.subject, caller.tenant_id, caller.session_id) == (key.id, key.id, tenant_id, None)


async def test_what_is_no_key_costs_no_question() -> None:
    desk = Desk()
    for text in ("snk_", "snk_garbage", a_key().text[:-1] + "~", "snk_" + "0" * 71):
        assert await desk.flaw(text) is Flaw.MALFORMED
    assert desk.auth.asked == 0


async def test_auth_is_asked_once_in_a_while_about_good_keys_and_bad_ones() -> None:
    desk = Desk()
    good, bad = desk.add(), a_key()
    for _ in range(3):
        await desk.open(good)
        assert await desk.flaw(bad) is Flaw.API_KEY
    assert desk.auth.asked == 2
    desk.seconds = REFUSED_SECONDS
    await desk.open(good)
    assert await desk.flaw(bad) is Flaw.API_KEY
    assert desk.auth.asked == 3
    desk.seconds = REMEMBERED_SECONDS
    await desk.open(good)
    assert desk.auth.asked == 4


async def test_without_any_event_a_revoked_key_dies_within_the_stated_time() -> None:
    """CVE-2026-33496."""
    desk = Desk()
    key = desk.add()
    await desk.open(key)
    desk.auth.holders.clear()
    desk.seconds = REMEMBERED_SECONDS
    assert await desk.flaw(key) is Flaw.API_KEY


async def test_what_changed_in_a_tenant_is_asked_anew_and_nobody_elses() -> None:
    desk, tenant_id = Desk(), new_id()
    key, other, bad = desk.add(tenant_id), desk.add(), a_key()
    await desk.open(key)
    await desk.open(other)
    await desk.flaw(bad)
    del desk.auth.holders[key.id]
    desk.keys.forget(tenant_id)
    assert await desk.flaw(key) is Flaw.API_KEY
    await desk.open(other)
    assert desk.auth.asked == 4


async def test_an_answer_that_an_event_overtook_is_not_remembered() -> None:
    desk, tenant_id = Desk(), new_id()
    key = desk.add(tenant_id)
    desk.hold.clear()
    first = asyncio.create_task(desk.open(key))
    await asked(desk, 1)
    del desk.auth.holders[key.id]
    desk.keys.forget(tenant_id)
    desk.hold.set()
    assert await desk.flaw(key) is Flaw.API_KEY
    await first
    assert await desk.flaw(key) is Flaw.API_KEY


async def test_an_overtaken_question_does_not_keep_the_next_one_from_being_shared() -> None:
    desk, tenant_id = Desk(), new_id()
    key, overtaken = desk.add(tenant_id), desk.hold
    overtaken.clear()
    first = asyncio.create_task(desk.open(key))
    await asked(desk, 1)
    desk.keys.forget(tenant_id)
    desk.hold = asyncio.Event()
    later = [asyncio.create_task(desk.open(key))]
    await asked(desk, 2)
    overtaken.set()
    await first
    later.append(asyncio.create_task(desk.open(key)))
    await asyncio.sleep(0)
    desk.hold.set()
    await asyncio.gather(*later)
    assert desk.auth.asked == 2


async def test_a_key_that_sleeps_no_longer_opens_at_once() -> None:
    desk, tenant_id = Desk(), new_id()
    key = desk.add(tenant_id)
    holder = desk.auth.holders.pop(key.id)
    assert await desk.flaw(key) is Flaw.API_KEY
    desk.auth.holders[key.id] = holder
    desk.keys.forget(tenant_id)
    await desk.open(key)


async def test_a_key_ends_when_it_says_so() -> None:
    desk = Desk()
    key = desk.add(expires_at=desk.now + timedelta(seconds=3))
    await desk.open(key)
    del desk.auth.holders[key.id]
    desk.now += timedelta(seconds=3)
    assert await desk.flaw(key) is Flaw.API_KEY


async def test_many_at_once_cost_one_question_and_who_leaves_spoils_it_for_nobody() -> None:
    desk = Desk()
    key = desk.add()
    desk.hold.clear()
    waiting = [asyncio.create_task(desk.open(key)) for _ in range(20)]
    await asked(desk, 1)
    waiting[0].cancel()
    desk.hold.set()
    callers = await asyncio.gather(*waiting[1:])
    assert {caller.key_id for caller in callers} == {key.id}
    assert desk.auth.asked == 1


async def test_while_auth_cannot_be_asked_nobody_new_is_let_in() -> None:
    desk = Desk()
    known, key = desk.add(), desk.add()
    await desk.open(known)
    desk.failure = PeerUnavailable()
    with pytest.raises(PeerUnavailable):
        await desk.open(key)
    await desk.open(known)
    desk.failure = ValidationError.from_exception_data("answer", [])
    with pytest.raises(ServiceUnavailable):
        await desk.open(key)
    desk.failure = None
    await desk.open(key)


async def test_made_up_keys_neither_pile_up_nor_push_out_a_good_one() -> None:
    desk = Desk(size=3)
    key = desk.add()
    await desk.open(key)
    made_up = [a_key() for _ in range(10)]
    for each in (*made_up, made_up[-1]):
        await desk.flaw(each)
    await desk.open(key)
    assert desk.auth.asked == 11
    await desk.flaw(made_up[0])  # forgotten for those who came later
    assert desk.auth.asked == 12
    desk.hold.clear()
    flood = [asyncio.create_task(desk.flaw(a_key())) for _ in range(MOST_QUESTIONS)]
    await asked(desk, 12 + MOST_QUESTIONS)
    with pytest.raises(ServiceUnavailable):
        await desk.open(a_key())
    await desk.open(key)
    desk.hold.set()
    await asyncio.gather(*flood)
