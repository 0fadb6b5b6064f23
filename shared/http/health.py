"""What orchestrators and Prometheus ask of every process."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared.errors import Problem

CHECK_SECONDS = 3.0

Check = Callable[[], Awaitable[None]]


def health_routes(checks: Mapping[str, Check], beside: Mapping[str, Check] | None = None) -> list[Route]:
    """``/livez`` (the process answers), ``/readyz`` (everything that ``checks`` names works), ``/metrics``.

    A check returns, or raises a ``Problem`` that says what is wrong. Those ``beside`` are told too, but requests go on
    without what they look at, and so they keep nobody from being ready.
    """

    async def ready(_: Request) -> Response:
        found = await run_checks({**checks, **(beside or {})})
        well = all(found[name] == "ok" for name in checks)
        body = {"status": "ok" if well else "unavailable", "checks": found}
        headers = {"Cache-Control": "no-store"} | ({} if well else {"Retry-After": "2"})
        return JSONResponse(body, 200 if well else 503, headers)

    return [Route("/livez", _alive), Route("/readyz", ready), Route("/metrics", _metrics)]


async def run_checks(checks: Mapping[str, Check]) -> dict[str, str]:
    """Run all checks side by side; each is ``ok`` or a stable word for what is wrong."""
    states = await asyncio.gather(*(_state(check) for check in checks.values()))
    return dict(zip(checks, states, strict=True))


async def _state(check: Check) -> str:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await check()
    except TimeoutError:
        return "timeout"
    except Problem as problem:
        return problem.code
    return "ok"


async def _alive(_: Request) -> Response:
    return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


async def _metrics(_: Request) -> Response:
    return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})
