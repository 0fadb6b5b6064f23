"""Who asks while the document is tried out: real people with real sessions, and a tool with a real key."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx

from tests.e2e.support import Customer, Person, World, body_of

ENDS_THE_SESSION = frozenset(
    {
        "POST /api/auth/logout",
        "POST /api/auth/password",
        "DELETE /api/auth/sessions",
        "DELETE /api/auth/sessions/{session_id}",
    }
)
"""What a session may not outlive: each of their requests begins one."""

FOR_TOOLS = frozenset(
    {
        "GET /api/users",
        "GET /api/users/{user_id}",
        "POST /api/invitations",
        "GET /api/invitations",
        "GET /api/invitations/{invitation_id}",
        "POST /api/invitations/{invitation_id}/resend",
        "POST /api/invitations/{invitation_id}/revoke",
        "GET /api/audit",
    }
)
"""What an API key opens; every other request to them is sent with one."""

MOVES_PEOPLE = frozenset({"PATCH /api/users/{user_id}", "DELETE /api/users/{user_id}"})
SUSPENDS = "POST /api/tenants/{tenant_id}/suspend"
INVITES_AN_OWNER = "POST /api/tenants/{tenant_id}/invite-owner"
SCOPES = ("users:read", "invitations:manage", "audit:read")
SHORT_KEY = 200


@dataclass(slots=True)
class People:
    """A customer with its owner, a tool, somebody who keeps signing in and out, and somebody who is moved about."""

    world: World
    customer: Customer
    leaver: Person
    moved: Person
    operator: Person
    key: str
    suspended_id: str
    """The one tenant that is ever suspended, whichever a request names: others belong to other tests."""
    ownerless_id: str
    """The one that has no owner."""

    _numbers: Iterator[int] = field(default_factory=count)

    @classmethod
    def gather(cls, world: World) -> "People":
        customer, operator = world.new_customer(), world.operator()
        tool = {"name": "Tool", "scopes": SCOPES}
        suspended, ownerless = (
            body_of(operator.http.post("/api/tenants", json={"name": name, "slug": f"{name}-{customer.slug}"}))
            for name in ("suspended", "ownerless")
        )
        return cls(
            world,
            customer,
            world.member(customer),
            world.member(customer),
            operator,
            key=body_of(customer.owner.http.post("/api/api-keys", json=tool))["secret"],
            suspended_id=suspended["id"],
            ownerless_id=ownerless["id"],
        )

    def sign(self, case: Any) -> None:
        """Put into a request what cannot be made up: who sends it, what no two may share, whom it must not hit."""
        number, label, ids = next(self._numbers), case.operation.label, case.path_parameters
        case.headers["Authorization"] = f"Bearer {self._token(label, case.operation.path, number)}"
        if 0 < len(case.headers.get("Idempotency-Key", "")) < SHORT_KEY:
            case.headers["Idempotency-Key"] += f"-{number}"
        if label == SUSPENDS:
            ids["tenant_id"] = self.suspended_id
        if label == INVITES_AN_OWNER and number % 2:
            ids["tenant_id"] = self.ownerless_id
        if label in MOVES_PEOPLE and ids["user_id"] in (self.customer.owner.id, self.leaver.id):
            ids["user_id"] = self.moved.id

    def _token(self, label: str, path: str, number: int) -> str:
        if label in FOR_TOOLS and number % 2:
            return self.key
        if label in ENDS_THE_SESSION:
            return self._another_session()
        if path.startswith("/api/tenants") and not path.startswith("/api/tenants/current"):
            return str(self.operator.session["access_token"])
        return str(self.customer.owner.session["access_token"])

    def _another_session(self) -> str:
        """Of whoever leaves: out of the one that goes on, which saves a hash, unless that was ended with all others."""
        # Auth is asked, which knows at once that a session has ended; a gateway hears of it a moment later.
        if (begun := self._switched()).status_code == 401:
            self.leaver = self.world.sign_in(self.leaver.email)
            begun = self._switched()
        return str(body_of(begun)["access_token"])

    def _switched(self) -> httpx.Response:
        return self.leaver.http.post("/api/auth/switch-tenant", json={"tenant_id": self.customer.id})
