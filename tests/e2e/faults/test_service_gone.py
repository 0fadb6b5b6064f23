"""One service is gone behind the gateway: what it answers for is 503, the rest goes on, and nobody has to help."""

import asyncio
from collections.abc import Iterator

import httpx
import pytest

from cli.embedded.seed import OPERATOR_EMAIL
from gateway.routes import GATEWAY, SERVICES
from tests.e2e.faults.asking import ask_all, assert_told_to_come_back, until_all_work, without_signing_out
from tests.e2e.faults.doors import Doors, second_front
from tests.e2e.faults.people import a_client, sign_in
from tests.e2e.support import World, body_of
from tests.e2e.surface import Operation, surface
from tests.support.waiting import eventually

RECOVERY_SECONDS = 40.0


@pytest.fixture(scope="module")
def front(product: World) -> Iterator[tuple[Doors, str]]:
    """The product's services behind doors that can be closed."""
    with second_front(product.live) as opened:
        yield opened


@pytest.mark.slow
@pytest.mark.parametrize("gone", SERVICES)
async def test_what_is_gone_is_503_and_named_and_comes_back(
    gone: str, front: tuple[Doors, str], product: World
) -> None:
    doors, url = front
    async with a_client(url) as http:
        operator = await sign_in(http, OPERATOR_EMAIL, product.live.secrets.operator_password)
        operations = without_signing_out(surface(body_of(await http.get("/openapi.json"))))
        await asyncio.to_thread(doors.close, gone)

        for operation, answer in await ask_all(http, operations, operator):
            if operation.rule.service == gone:
                assert_told_to_come_back(answer)
                assert answer.json()["code"] == "service_unavailable"
            elif not depends_on_all(operation):
                assert answer.status_code < 500, f"{operation}: {answer.text}"
        await eventually(lambda: is_named(http, gone), "the name of what is gone", every=0.05)
        assert (await http.get("/readyz")).is_success  # it still knows the keys, and who is revoked

        await asyncio.to_thread(doors.open, gone)
        await until_all_work(http, operations, operator, RECOVERY_SECONDS)


def depends_on_all(operation: Operation) -> bool:
    """Whether the gateway itself asks every service."""
    return operation.rule.service == GATEWAY and operation.rule.path in {"/api/health/db", "/openapi.json", "/docs"}


async def is_named(http: httpx.AsyncClient, gone: str) -> bool:
    """Whether the health of the databases says which one cannot be asked, and that the others are fine."""
    answer = await http.get("/api/health/db")
    if answer.is_success:  # remembered from a second ago
        return False
    assert_told_to_come_back(answer)
    assert gone in answer.json()["detail"]
    expected = dict.fromkeys(SERVICES, "ok") | {gone: "unreachable"}
    return bool(answer.json()["databases"] == expected)  # a busy machine may keep the others from answering in time
