"""What is measured at each size: a few requests, each of somebody else among all people."""

import json
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from shared.contracts.caller import CONTEXT_HEADER, Caller, ContextSigner
from shared.contracts.permissions import permissions_of
from shared.contracts.tenancy import Role
from tests.benchmarks.scale.filling import EVERYWHERE, EVERYWHERE_ID, MANY, email_of, session_id, tenant_id, user_id
from tests.integration.auth.sessions.desk import PASSWORD, Desk
from tests.support.callers import SIGNING_KEY

Json = dict[str, Any]
Action = Callable[[], Awaitable[float]]


@dataclass(slots=True)
class Site:
    """A size: auth and the invitations service with so many tenants, each with so many people."""

    auth: Desk
    invitations: Any
    tenants: int
    people: int
    _tokens: dict[int, str] = field(default_factory=dict)
    chance: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311 - which rows to look at

    def actions(self) -> dict[str, Action]:
        """By name; each makes one request and tells the milliseconds that it took."""
        return {
            "sign-in": self.sign_in,
            "refresh": self.refresh,
            "GET /api/users": self.list_users,
            "enrolment look-up": self.look_up_enrolment,
            "invitation preview": self.preview,
        }

    def of_many(self) -> dict[str, tuple[Action, Action]]:
        """What somebody in 2,000 tenants does, and the same of somebody in one."""
        return {
            "sign-in": (lambda: self._sign_in(EVERYWHERE), self.sign_in),
            "switch of tenant": (self.switch_far, self.switch_at_home),
        }

    async def sign_in(self) -> float:
        return await self._sign_in(self._somebody())

    async def refresh(self) -> float:
        """Go on with a session; the next time with what came of it."""
        number = self.chance.randint(1, self.tenants)
        token = self._tokens.get(number, f"session-{number}")
        took, answer = await self._asked("POST", "/api/auth/refresh", {"refresh_token": token})
        self._tokens[number] = answer["refresh_token"]
        return took

    async def list_users(self) -> float:
        number = self.chance.randint(1, self.tenants)
        return await self._ask("GET", "/api/users", by=self._owner(number))

    async def look_up_enrolment(self) -> float:
        number = self.chance.randint(1, self.tenants)
        return await self._ask("GET", f"/api/enrolment?email=new%40t{number}.example")

    async def preview(self) -> float:
        body = {"token": f"token-{self.chance.randint(1, self.tenants)}-{self.chance.randint(1, 5)}"}
        context = ContextSigner(SIGNING_KEY, "auth", self.auth.clock).for_peer("invitations")
        return (await ask(self.invitations, context, "POST", "/internal/invitations/preview", body))[0]

    async def switch_far(self) -> float:
        """To any of the many tenants."""
        caller = self._caller(EVERYWHERE_ID, tenant_id(1), Role.MEMBER, EVERYWHERE_ID)
        return await self._switch(caller, self.chance.randint(1, min(self.tenants, MANY)))

    async def switch_at_home(self) -> float:
        """To the only one that there is."""
        number = self.chance.randint(1, self.tenants)
        return await self._switch(self._owner(number), number)

    async def _switch(self, caller: Caller, number: int) -> float:
        return await self._ask("POST", "/api/auth/switch-tenant", {"tenant_id": str(tenant_id(number))}, caller)

    def _somebody(self) -> str:
        return email_of(self.chance.randint(1, self.tenants), self.chance.randint(1, self.people))

    async def _sign_in(self, email: str) -> float:
        return await self._ask("POST", "/api/auth/login", {"email": email, "password": PASSWORD})

    async def _ask(self, method: str, path: str, body: Json | None = None, by: Caller | None = None) -> float:
        return (await self._asked(method, path, body, by))[0]

    async def _asked(self, method: str, path: str, body: Json | None, by: Caller | None = None) -> tuple[float, Json]:
        app: Any = self.auth.http._transport.app  # type: ignore[attr-defined]
        return await ask(app, self.auth.headers(by)[CONTEXT_HEADER], method, path, body)

    def _owner(self, number: int) -> Caller:
        return self._caller(user_id(number, 1, self.people), tenant_id(number), Role.OWNER, session_id(number))

    @staticmethod
    def _caller(subject: UUID, tenant: UUID, role: Role, session: UUID) -> Caller:
        return Caller(subject, tenant, role, permissions_of(role, tenant), session_id=session)


async def ask(app: Any, context: str, method: str, target: str, body: Json | None) -> tuple[float, Json]:
    """How many milliseconds the service takes for a success, called without a socket, and what it says."""
    sent: list[Json] = []
    content = json.dumps(body).encode() if body else b""
    path, _, query = target.partition("?")

    async def receive() -> Json:
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(message: Json) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json"), (CONTEXT_HEADER.encode(), context.encode())]
    scope: Json = {"type": "http", "method": method, "path": path, "raw_path": path.encode(), "headers": headers}
    scope |= {"query_string": query.encode(), "client": ("192.0.2.1", 1), "server": ("service", 80)}
    scope |= {"http_version": "1.1", "scheme": "http", "root_path": "", "asgi": {"version": "3.0"}}
    began = time.perf_counter()
    await app(scope, receive, send)
    took = (time.perf_counter() - began) * 1000
    assert sent[0]["status"] == 200, sent
    return took, json.loads(b"".join(part["body"] for part in sent[1:]))
