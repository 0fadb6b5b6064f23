"""From the 2xx of a sign-out to the first 401 at each of two gateways: real processes, a real broker."""

import asyncio
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from cli.processes import program_of
from shared.http.tls import usual_authorities
from tests.benchmarks.figures import percentile, show
from tests.benchmarks.gateway.process import free_port
from tests.chaos.fleet import Fleet, a_fleet
from tests.chaos.replica import Replica
from tests.support.rabbitmq import Node
from tests.support.waiting import eventually

SIGN_OUTS = 50
EMAIL, PASSWORD = "operator@sparknode.example", "a long enough pass phrase"
READY_SECONDS = 60.0


@pytest.mark.timeout(600)
@pytest.mark.broker
async def test_gateway_revocation(own_broker: Node, tmp_path: Path) -> None:
    async with a_fleet(tmp_path, own_broker, ["auth"]) as fleet:
        fleet.add(["auth-1", "gateway-1"])
        await fleet.ready()
        _make_operator(fleet.replicas["auth-1"])
        async with _second_gateway(fleet) as second_url:
            urls = [fleet.gateway_url, second_url]
            delays = [await _sign_out(urls) for _ in range(SIGN_OUTS)]
    milliseconds = [f"{percentile(delays, percent) * 1000:.0f}" for percent in (50, 90, 99, 100)]
    show(
        f"Sign-out to 401 at both of two gateways, {SIGN_OUTS} times",
        ["", "p50", "p90", "p99", "max"],
        [["ms", *milliseconds]],
    )


def _make_operator(auth: Replica) -> None:
    command = [*program_of("auth"), "create-operator", EMAIL]
    subprocess.run(command, input=PASSWORD, text=True, env=dict(auth.environment), check=True, capture_output=True)


@asynccontextmanager
async def _second_gateway(fleet: Fleet) -> AsyncIterator[str]:
    first, port = fleet.replicas["gateway-1"], free_port()
    environment = {**first.environment, "PORT": str(port)}
    fleet.replicas["gateway-2"] = replace(
        first, name="gateway-2", environment=environment, log=fleet.folder / "gateway-2.log", _process=None
    )
    fleet.start_all()
    url = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient(verify=usual_authorities(), trust_env=False) as http:

        async def hears() -> bool:
            try:
                return bool((await http.get(f"{url}/readyz")).json()["checks"].get("broker") == "ok")
            except httpx.TransportError:
                return False

        await eventually(hears, "the second gateway", READY_SECONDS)
    yield url


async def _sign_out(urls: list[str]) -> float:
    """Seconds until the slower one knows."""
    async with httpx.AsyncClient(verify=usual_authorities(), trust_env=False, timeout=30) as http:
        account = {"email": EMAIL, "password": PASSWORD}
        session = (await http.post(f"{urls[0]}/api/auth/login", json=account)).json()
        bearer = {"Authorization": f"Bearer {session['access_token']}"}
        for url in urls:
            assert (await http.get(f"{url}/api/auth/me", headers=bearer)).status_code == 200
        assert (await http.post(f"{urls[0]}/api/auth/logout", headers=bearer)).is_success
        began = time.perf_counter()
        return max(await asyncio.gather(*(_refused(http, url, bearer) for url in urls))) - began


async def _refused(http: httpx.AsyncClient, url: str, bearer: dict[str, str]) -> float:
    while (await http.get(f"{url}/api/auth/me", headers=bearer)).status_code != 401:
        pass
    return time.perf_counter()
