"""Speaks to a gateway on behalf of somebody at a terminal."""

from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, NoReturn, Self

import httpx

from shared.process import CannotStart

TIMEOUT_SECONDS = 30.0
PAGE = 200
LAST_PORT = 65535

Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Account:
    """Whom to sign in as."""

    email: str
    password: str


class Refused(Exception):
    """The gateway said no. The text is what it told the person, ``code`` what it told programs (RFC 9457)."""

    def __init__(self, answer: httpx.Response) -> None:
        problem = object_in(answer)
        self.status = answer.status_code
        self.code = str(problem.get("code", "error"))
        self.fields = {str(each["field"]): str(each["message"]) for each in problem.get("errors", ())}
        super().__init__(problem.get("detail") or problem.get("title") or f"{answer.url} answered {self.status}.")


class GatewayClient:
    """Signed in from the first call on, signed out at the end of the block."""

    def __init__(self, base_url: str, account: Account, transport: httpx.BaseTransport | None = None) -> None:
        self._http = httpx.Client(
            base_url=base_url, timeout=TIMEOUT_SECONDS, transport=transport, trust_env=is_elsewhere(base_url)
        )
        self._account = account

    def __enter__(self) -> Self:
        try:
            session = self.post("/api/auth/login", {"email": self._account.email, "password": self._account.password})
            token = session.get("access_token") or self._is_not_ours()
        except BaseException:
            self._http.close()
            raise
        self._http.headers["Authorization"] = f"Bearer {token}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # What was done is done, and to be told; a session that is not signed out of ends by itself.
        with closing(self._http), suppress(Refused, CannotStart):
            self._ask("POST", "/api/auth/logout")

    def post(self, path: str, body: Item) -> Item:
        """POST ``body`` and return the answer; ``Refused`` for anything but a success."""
        return self._object(self._ask("POST", path, json=body))

    def items(self, path: str, **query: str | None) -> Iterator[Item]:
        """Every item of a list, page by page."""
        wanted: dict[str, str | int] = {name: value for name, value in query.items() if value is not None}
        wanted["limit"] = PAGE
        while True:
            page = self._object(self._ask("GET", path, params=wanted))
            yield from page["items"]
            if not page["next_cursor"]:
                return
            wanted["cursor"] = page["next_cursor"]

    def _ask(self, method: str, path: str, **wanted: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, path, **wanted)
        except httpx.HTTPError as error:
            raise CannotStart(
                f"{self._http.base_url} does not answer: {error}. Check the address, or start `sparknode up`."
            ) from error
        if not answer.is_success:
            raise Refused(answer)
        return answer

    def _object(self, answer: httpx.Response) -> Item:
        return object_in(answer) or self._is_not_ours()

    def _is_not_ours(self) -> NoReturn:
        raise CannotStart(f"{self._http.base_url} does not answer as our gateway does. Check the address.")


def is_elsewhere(url: str) -> bool:
    """Whether ``url`` leads away from this machine, so that the environment's proxies have a say.

    ``CannotStart`` when it leads nowhere.
    """
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL:
        address = httpx.URL()
    if address.scheme not in {"http", "https"} or not address.host or (address.port or 0) > LAST_PORT:
        raise CannotStart(f"{url} is no address of a gateway. Write it as https://id.company.com, with a port or not.")
    return address.host not in {"127.0.0.1", "::1", "localhost"}


def object_in(answer: httpx.Response) -> Item:
    """The JSON object that somebody answered, who may be any server; empty when there is none."""
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
