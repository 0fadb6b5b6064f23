"""Name servers that never answer: whoever waits for them leaves room for the others."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest

from services.tenants.dns import ASKED_AT_ONCE, TxtRecords
from services.tenants.errors import DnsUnavailable, TooManyLookUps, TxtRecordMissing
from services.tenants.use_cases.verify_domain import MOST_AT_ONCE, VerifyDomain
from shared.clock import utc_now
from tests.integration.tenants.desk import Desk
from tests.integration.tenants.test_domains import claimed
from tests.support.name_server import NameServer


class SlowRecords:
    """Says that there is nothing, once it is let."""

    def __init__(self) -> None:
        self.asked = asyncio.Semaphore(0)
        self.may_answer = asyncio.Event()

    async def __call__(self, _: str) -> Sequence[str]:
        self.asked.release()
        await self.may_answer.wait()
        return ()


async def test_a_tenant_waits_for_a_few_answers_at_once_and_keeps_nobody_else_from_asking(desk: Desk) -> None:
    records = SlowRecords()
    verify = VerifyDomain(desk.database, records, utc_now)
    greedy, other = await desk.create("greedy"), await desk.create("other")
    for tenant in (greedy, other):
        await claimed(desk, tenant)

    async with asyncio.TaskGroup() as waiting:
        asked = [_refusal_of(verify, greedy["id"]) for _ in range(MOST_AT_ONCE)]
        tasks = [waiting.create_task(each) for each in (*asked, _refusal_of(verify, other["id"]))]
        for _ in tasks:
            await records.asked.acquire()
        assert await _refusal_of(verify, greedy["id"]) is TooManyLookUps
        records.may_answer.set()
    assert {task.result() for task in tasks} == {TxtRecordMissing}
    assert await _refusal_of(verify, greedy["id"]) is TxtRecordMissing


async def test_who_comes_while_as_many_wait_as_may_is_sent_away_at_once(dns: NameServer) -> None:
    look_up = TxtRecords.at([dns.address])
    many = [look_up("_sparknode.company.com") for _ in range(ASKED_AT_ONCE + 3)]
    answers = await asyncio.gather(*many, return_exceptions=True)
    assert answers[:ASKED_AT_ONCE] == [()] * ASKED_AT_ONCE
    assert [type(answer) for answer in answers[ASKED_AT_ONCE:]] == [DnsUnavailable] * 3
    assert len(dns.asked) == ASKED_AT_ONCE


async def _refusal_of(verify: VerifyDomain, tenant_id: str) -> type[Exception]:
    with pytest.raises((TooManyLookUps, TxtRecordMissing)) as refused:
        await verify(UUID(tenant_id), "company.com")
    return refused.type
