"""PostgreSQL is killed, or cuts connections, while the product runs: 503 meanwhile, and a recovery without a hand."""

import asyncio
from collections.abc import Sequence

import httpx
import pytest

from gateway.routes import GATEWAY
from tests.e2e.faults.asking import ask_all, assert_told_to_come_back, until_all_work
from tests.e2e.faults.locks import held
from tests.e2e.faults.people import Invited, Json, invite, sign_up, sign_up_at_last
from tests.e2e.faults.traces import IN_ONCE, traces, traces_of, until_all_is_told, until_mailed
from tests.e2e.faults.unsteady import Unsteady
from tests.e2e.support import body_of
from tests.e2e.surface import Operation, surface
from tests.support.connections import change
from tests.support.waiting import eventually

pytestmark = pytest.mark.slow

RECOVERY_SECONDS = 10.0
INSIDE_THE_CONSUMER = "LOCK TABLE members IN EXCLUSIVE MODE"
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'sparknode-%'"

PEOPLE = 40
EVERY = 8
"""Answers between two cuts."""


async def test_everybody_is_told_to_come_back_and_when_postgresql_is_back_all_goes_on(unsteady: Unsteady) -> None:
    async with unsteady.client() as http:
        operator = await unsteady.operator(http)
        operations = surface(body_of(await http.get("/openapi.json")))
        before = await invite(http, await unsteady.admin(http))
        async with held(unsteady.databases["invitations"], INSIDE_THE_CONSUMER) as lock:
            assert (await sign_up(http, before)).status_code == 201
            await lock.reached()
            await unsteady.server.kill()

        for operation, answer in await ask_all(http, operations, operator):
            assert_told_to_come_back(answer) if needs_a_database(operation) else assert_fine(answer)
        await eventually(lambda: all_are_named(http), "the databases' names", every=0.05)
        for service, url in unsteady.databases.items():
            assert await unready(unsteady, service) == (503, {"database": "database_unavailable"}), url

        await unsteady.server.start()
        async with asyncio.timeout(RECOVERY_SECONDS):
            await until_all_work(http, operations, operator, RECOVERY_SECONDS)
            await until_all_is_told(unsteady.databases)
            assert await traces_of(unsteady.databases, before.email) == IN_ONCE
            after = await invite(http, await unsteady.admin(http))
            await until_mailed(unsteady.databases, after.email)
            assert (await sign_up(http, after)).status_code == 201
            await until_all_is_told(unsteady.databases)
        assert await traces_of(unsteady.databases, after.email) == IN_ONCE
        for service in unsteady.databases:
            assert await unready(unsteady, service) == (200, {})


def needs_a_database(operation: Operation) -> bool:
    """Whether somebody who may do anything, and asks in good form, gets no further without."""
    return operation.rule.service != GATEWAY and operation.rule.path != "/.well-known/jwks.json"


def assert_fine(answer: httpx.Response) -> None:
    named = answer.request.url.path == "/api/health/db"  # may still remember what was a second ago
    assert answer.is_success or named, f"{answer.request.url}: {answer.text}"


async def all_are_named(http: httpx.AsyncClient) -> bool:
    """Whether the health of the databases says of each that it is gone."""
    answer = await http.get("/api/health/db")
    if answer.is_success:
        return False
    assert_told_to_come_back(answer)
    states = answer.json()["databases"]
    assert all(service in answer.json()["detail"] for service in states)
    return set(states.values()) == {"unavailable"}


async def unready(unsteady: Unsteady, service: str) -> tuple[int, Json]:
    """What a service says of itself to its orchestrator: the status, and what is not as it should be."""
    app = unsteady.live.product.services[service].app

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as http:
            return await http.get("/readyz")

    answer = await asyncio.to_thread(unsteady.live.portal.call, ask)
    return answer.status_code, {name: told for name, told in answer.json()["checks"].items() if told != "ok"}


async def test_connections_cut_in_the_middle_of_a_burst_cost_a_503_and_no_row(unsteady: Unsteady) -> None:
    async with unsteady.client() as http:
        admin = await unsteady.admin(http)
        people = await asyncio.gather(*(invite(http, admin) for _ in range(PEOPLE)))
        answers = await signed_up_with_cuts(unsteady, http, people, admin)
        assert set(answers.values()) <= {201, 503}
        told = [email for email, status in answers.items() if status == 201]
        found = await traces(unsteady.databases, told)
        assert all(each.users == each.memberships == each.told_joined == 1 for each in found.values())
        for who in people:
            if answers[who.email] == 503:  # which may have come too late to undo it
                assert await sign_up_at_last(http, who) in {201, 409}
    await until_all_is_told(unsteady.databases)
    assert set((await traces(unsteady.databases, answers)).values()) == {IN_ONCE}


async def signed_up_with_cuts(
    unsteady: Unsteady, http: httpx.AsyncClient, people: Sequence[Invited], admin: Json
) -> dict[str, int]:
    """The statuses of everybody's sign-up. People are read meanwhile, and now and then all connections cut."""
    statuses: dict[str, int] = {}

    async def come_and_read(who: Invited) -> None:
        statuses[who.email] = (await sign_up(http, who)).status_code
        assert (await http.get("/api/users", headers=admin)).status_code in {200, 503}
        if len(statuses) % EVERY == 0:
            await change(unsteady.server.url("postgres"), CUT)

    async with asyncio.TaskGroup() as coming:
        for who in people:
            coming.create_task(come_and_read(who))
    return statuses
