"""What orchestrators are told."""

import asyncio

import httpx

from shared.clock import utc_now
from shared.contracts.caller import ContextVerifier
from shared.errors import Unavailable
from shared.http import health
from shared.http.app import build_app
from shared.http.health import Check, run_checks
from tests.support.callers import SIGNING_KEY


async def get(path: str, **checks: Check) -> httpx.Response:
    app = build_app("notes", (), None, verifier=ContextVerifier(SIGNING_KEY, "notes", utc_now), checks=checks)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://notes") as client:
        return await client.get(path)


async def well() -> None:
    return


async def ill() -> None:
    raise Unavailable


async def test_a_process_is_alive_whatever_it_stands_on() -> None:
    response = await get("/livez", database=ill)
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


async def test_it_is_ready_when_all_that_it_stands_on_is() -> None:
    ready = await get("/readyz", database=well)
    assert (ready.status_code, ready.json()) == (200, {"status": "ok", "checks": {"database": "ok"}})
    unready = await get("/readyz", database=ill, other=well)
    assert unready.status_code == 503
    assert unready.json() == {"status": "unavailable", "checks": {"database": "unavailable", "other": "ok"}}
    assert unready.headers["retry-after"]


async def test_a_check_that_hangs_counts_as_failed() -> None:
    async def hang() -> None:
        await asyncio.Event().wait()

    async with asyncio.timeout(health.CHECK_SECONDS + 2):
        assert await run_checks({"database": hang}) == {"database": "timeout"}


async def test_metrics_are_in_prometheus_format() -> None:
    await get("/livez")
    response = await get("/metrics")
    assert "http_request_seconds_bucket" in response.text
