"""Calling a fellow service, under our own name."""

from typing import Any, TypeVar

import httpx
from pydantic import BaseModel

from shared.contracts.caller import CONTEXT_HEADER, ContextSigner
from shared.errors import Problem, Unavailable
from shared.http.request_id import REQUEST_ID_HEADER, current_request_id
from shared.http.tls import usual_authorities
from shared.trace import TRACE_HEADER, current_trace

TIMEOUT_SECONDS = 5.0
CONNECTIONS = 50

M = TypeVar("M", bound=BaseModel)


class PeerUnavailable(Unavailable):
    """A fellow service does not answer."""

    code = "service_unavailable"


class PeerClient:
    """HTTP calls to the internal routes of one fellow service.

    Every call is one that may be repeated: internal routes are idempotent. Problems that the fellow service tells
    are raised again as ours, if ``problems`` knows their code.
    """

    def __init__(
        self, service: str, base_url: str, signer: ContextSigner, problems: tuple[type[Problem], ...] = ()
    ) -> None:
        self.service = service
        self._signer = signer
        self._problems = {problem.code: problem for problem in problems}
        self._http = httpx.AsyncClient(
            base_url=base_url,
            timeout=TIMEOUT_SECONDS,
            limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
            verify=usual_authorities(),
            trust_env=False,
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def post(self, path: str, body: dict[str, Any], answer: type[M]) -> M:
        """POST and read the answer; ``PeerUnavailable`` when there is none to be had."""
        return await self._ask("POST", path, answer, body)

    async def get(self, path: str, answer: type[M]) -> M:
        """GET and read the answer; ``PeerUnavailable`` when there is none to be had."""
        return await self._ask("GET", path, answer, None)

    async def _ask(self, method: str, path: str, answer: type[M], body: dict[str, Any] | None) -> M:
        try:
            response = await self._http.request(method, path, json=body, headers=self._headers())
        except httpx.HTTPError as error:
            raise PeerUnavailable from error
        if response.is_success:
            return answer.model_validate_json(response.content)
        raise self._problem(response)

    def _headers(self) -> dict[str, str]:
        headers = {CONTEXT_HEADER: self._signer.for_peer(self.service)}
        if request_id := current_request_id():
            headers[REQUEST_ID_HEADER] = request_id
        if trace := current_trace():
            headers[TRACE_HEADER] = trace
        return headers

    def _problem(self, response: httpx.Response) -> Problem:
        try:
            told = response.json()
            return self._problems[told["code"]](told["detail"])
        except (ValueError, KeyError, TypeError):
            return PeerUnavailable()
