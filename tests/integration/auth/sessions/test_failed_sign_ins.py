"""The event `auth.sign_in.failed.v1`."""

import asyncio
from dataclasses import replace

import pytest

from services.auth.sign_in.failures import MOST_WAITING, FailedSignIns
from shared.database import Database, DatabaseUnavailable
from tests.integration.auth.sessions.desk import Desk
from tests.support.connections import waiting
from tests.support.databases import DatabaseUrls
from tests.support.notebook.fixtures import to_read

WRONG, FAILED = "velvet-otter-42", "auth.sign_in.failed.v1"


@pytest.fixture
def failures(desk: Desk) -> FailedSignIns:
    """The worker of the service that the desk asks."""
    [found] = [worker for worker in desk.workers if isinstance(worker, FailedSignIns)]
    return found


async def test_a_wrong_password_is_told_where_the_account_is_at_home(desk: Desk, failures: FailedSignIns) -> None:
    company, other = await desk.tenant("company"), await desk.tenant("other")
    ann, bob = await desk.person("ann@company.com", company), await desk.person("bob@other.com", other)
    for email in ("ann@company.com", "bob@other.com", "ann@company.com"):
        await desk.log_in(email, WRONG)
    await failures.write()
    told = await desk.told(FAILED)
    assert {(tenant, data["user_id"]) for tenant, data in told} == {(company, str(ann)), (other, str(bob))}
    assert len(told) == 3
    assert {data["address"] for _, data in told} == {"127.0.0.1"}
    assert all(WRONG not in str(data) for _, data in told)
    await failures.write()
    assert len(await desk.told(FAILED)) == 3


async def test_no_account_no_proof_or_no_look_at_the_password_is_not_told(desk: Desk, failures: FailedSignIns) -> None:
    company = await desk.tenant("company")
    await desk.person("ann@company.com", company)
    await desk.person("new@company.com", company, verified=False)
    await desk.log_in("nobody@company.com", WRONG)
    await desk.log_in("new@company.com", WRONG)
    for _ in range(15):
        await desk.log_in("ann@company.com", WRONG)
    await failures.write()
    assert len(await desk.told(FAILED)) == 10


async def test_no_more_wait_than_there_is_room_for(desk: Desk, failures: FailedSignIns) -> None:
    await desk.person("ann@company.com", await desk.tenant("company"))
    await desk.log_in("ann@company.com", WRONG)
    [(user, _)] = failures.waiting
    for _ in range(2 * MOST_WAITING):
        failures.note(user, "192.0.2.1")
    assert len(failures.waiting) == MOST_WAITING


async def test_what_is_noted_while_others_are_told_is_told_next_and_nothing_twice(
    desk: Desk, failures: FailedSignIns
) -> None:
    """Also when so many come meanwhile that there is no more room for those that are being told."""
    await desk.person("ann@company.com", await desk.tenant("company"))
    await desk.log_in("ann@company.com", WRONG)
    [(user, _)] = failures.waiting
    async with desk.behind.lend() as connection, connection.transaction():
        await connection.execute("LOCK TABLE outbox IN SHARE MODE")
        writing = asyncio.ensure_future(failures.write())
        await waiting(desk.behind, 1)
        for _ in range(MOST_WAITING):
            failures.note(user, "192.0.2.1")
    await writing
    assert (len(await desk.told(FAILED)), len(failures.waiting)) == (1, MOST_WAITING)
    await failures.write()
    assert (len(await desk.told(FAILED)), len(failures.waiting)) == (1 + MOST_WAITING, 0)


async def test_what_could_not_be_told_is_told_later_though_the_right_person_has_come(
    desk: Desk, urls: DatabaseUrls, failures: FailedSignIns
) -> None:
    await desk.person("ann@company.com", await desk.tenant("company"))
    await desk.log_in("ann@company.com", WRONG)
    away = await Database.open("auth", urls.serving, urls.look_up, connect=to_read)
    with pytest.raises(DatabaseUnavailable):
        await replace(failures, database=away).write()
    await away.close()
    await desk.session("ann@company.com")
    await failures.write()
    assert len(await desk.told(FAILED)) == 1
