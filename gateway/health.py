"""Is it well: the gateway itself, and the databases behind it."""

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.inquiry import Inquiry, Remembered
from gateway.problems import ServiceUnavailable
from gateway.routes import SERVICES
from shared.http.problems import problem_response

RETRY_SECONDS = 2
REMEMBERED_SECONDS = 1.0
OK = "ok"

States = dict[str, str]


class DatabaseUnavailable(ServiceUnavailable):
    """At least one service cannot reach its database, or cannot be asked."""

    code = "database_unavailable"
    title = "Database unavailable"


async def health(_: Request) -> Response:
    """Serving."""
    return JSONResponse({"status": OK})


class DatabaseHealth:
    """Asks each service how its database is; at most once a second, however often it is asked itself."""

    def __init__(self, inquiry: Inquiry) -> None:
        self._inquiry = inquiry
        self._states = Remembered(self._ask_all, REMEMBERED_SECONDS)

    async def __call__(self, _: Request) -> Response:
        """The databases of all services."""
        states = await self._states.get()
        if all(state == OK for state in states.values()):
            return JSONResponse({"status": OK, "databases": states})
        return _unavailable(states)

    async def _ask_all(self) -> States:
        states = await asyncio.gather(*(self._ask(service) for service in SERVICES))
        return dict(zip(SERVICES, states, strict=True))

    async def _ask(self, service: str) -> str:
        try:
            readiness = await self._inquiry.ask(service, "/readyz")
        except ServiceUnavailable:
            return "unreachable"
        match readiness:
            case {"checks": {"database": "ok"}}:
                return OK
        return "unavailable"


def _unavailable(states: States) -> Response:
    failing = " and ".join(service for service, state in states.items() if state != OK)
    detail = f"The database of {failing} cannot be reached."
    return problem_response(DatabaseUnavailable(detail, retry_after=RETRY_SECONDS, extensions={"databases": states}))
