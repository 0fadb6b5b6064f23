"""The first tenant is made once, however often its making is interrupted."""

import resource
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from cli.embedded.operator import admit_operator
from cli.embedded.parts import SCHEMAS
from cli.embedded.product import LOOPBACK, Blueprint, running_product
from cli.embedded.secrets import Secrets
from cli.embedded.seed import ADMIN_EMAIL, OPERATOR_EMAIL, Seed
from shared.http.server import listen
from tests.e2e.live import IN_TESTS
from tests.support.databases import Databases

MORE_THAN_ENOUGH = 20


class Died(Exception):
    """The process is no more."""


class Mortal(httpx.AsyncHTTPTransport):
    """Lets ``requests`` take effect, and dies before the answer to the last of them is read."""

    def __init__(self, requests: int) -> None:
        super().__init__()
        self.left = requests

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await super().handle_async_request(request)
        await answer.aread()
        self.left -= 1
        if not self.left:
            raise Died
        return answer


async def sign_in(gateway: httpx.AsyncClient, email: str, password: str) -> dict[str, str]:
    answer = await gateway.post("/api/auth/login", json={"email": email, "password": password})
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.fixture
def few_files() -> Iterator[int]:
    """As many open files as a process gets unasked on most systems."""
    before, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    few = 1024
    resource.setrlimit(resource.RLIMIT_NOFILE, (few, most))
    yield few
    resource.setrlimit(resource.RLIMIT_NOFILE, (before, most))


async def test_seeding_that_dies_after_any_request_is_taken_up_and_makes_everything_once(
    databases: Databases, tmp_path: Path, few_files: int
) -> None:
    urls = {schema.service: await databases.fresh(schema) for schema in SCHEMAS}
    secrets = Secrets()
    for _ in range(2):  # again is the same
        await admit_operator(urls["auth"], OPERATOR_EMAIL, secrets.operator_password)
    blueprint = Blueprint(databases=urls, settings={**secrets.keys(), **IN_TESTS}, mailbox=tmp_path / "mailbox")
    with listen(LOOPBACK, 0) as listening:
        async with running_product(blueprint, listening) as product:
            assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > few_files  # clients take no file of the services
            lives = await _seed_with_deaths(product.base_url, tmp_path / "mailbox", secrets)
            assert lives > 4

            async with httpx.AsyncClient(base_url=product.base_url) as gateway:
                operator = await sign_in(gateway, OPERATOR_EMAIL, secrets.operator_password)
                tenants = (await gateway.get("/api/tenants", headers=operator)).json()["items"]
                assert [tenant["slug"] for tenant in tenants] == ["company", "platform"]
                admin = await sign_in(gateway, ADMIN_EMAIL, secrets.admin_password)
                people = (await gateway.get("/api/users", headers=admin)).json()["items"]
                assert [(each["email"], each["role"]) for each in people] == [(ADMIN_EMAIL, "owner")]
                invited = (await gateway.get("/api/invitations", headers=admin)).json()["items"]
                assert [each["status"] for each in invited] == ["accepted"]


async def _seed_with_deaths(base_url: str, mailbox: Path, secrets: Secrets) -> int:
    """How many lives it took: each gets one request further than the one before."""
    for requests in range(1, MORE_THAN_ENOUGH):
        async with httpx.AsyncClient(base_url=base_url, transport=Mortal(requests)) as gateway:
            try:
                await Seed(gateway, mailbox, secrets)()
            except Died:
                continue
            return requests
    raise AssertionError("seeding never came to an end")
