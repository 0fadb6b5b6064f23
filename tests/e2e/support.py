"""People and tenants, made the way they come to be: by the real flows, through the gateway."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import jwt

from cli.embedded.seed import ADMIN_EMAIL, OPERATOR_EMAIL
from shared.http.tls import usual_authorities
from tests.e2e.live import Live

PASSWORD = "a long walk by the sea 7"
TIMEOUT_SECONDS = 20.0
PATIENCE_SECONDS = 10.0
LOOK_AGAIN_SECONDS = 0.02

Json = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in; ``http`` speaks to the gateway with their access token."""

    session: Json
    http: httpx.Client

    @property
    def id(self) -> str:
        return str(self.session["user"]["id"])

    @property
    def email(self) -> str:
        return str(self.session["user"]["email"])

    @property
    def tenant_id(self) -> str:
        return str(self.session["tenant"]["id"])

    @property
    def claims(self) -> Json:
        """What the access token says, as anybody can read it."""
        return claims_of(self.session["access_token"])


@dataclass(frozen=True, slots=True)
class Customer:
    """A tenant with its owner. Whoever proves an address at ``domain`` gets in."""

    id: str
    slug: str
    domain: str
    owner: Person


@dataclass(slots=True)
class World:
    """A running product and who is in it."""

    live: Live
    anonymous: httpx.Client
    _people: list[Person] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @classmethod
    def of(cls, live: Live) -> "World":
        return cls(live, _client(live))

    def close(self) -> None:
        """Close everybody's connections."""
        for person in self._people:
            person.http.close()
        self.anonymous.close()

    @property
    def base_url(self) -> str:
        return self.live.product.base_url

    @property
    def tenant_id(self) -> str:
        """The first tenant, Company."""
        return str(self.live.tenant_id)

    def admin(self) -> Person:
        """The owner of the first tenant."""
        return self.sign_in(ADMIN_EMAIL, self.live.secrets.admin_password)

    def operator(self) -> Person:
        return self.sign_in(OPERATOR_EMAIL, self.live.secrets.operator_password)

    def sign_in(self, email: str, password: str = PASSWORD) -> Person:
        return self.person(self.anonymous.post("/api/auth/login", json={"email": email, "password": password}))

    def person(self, answer: httpx.Response) -> Person:
        """Whoever was just signed in by ``answer``."""
        session = body_of(answer)
        made = Person(session, _client(self.live, session["access_token"]))
        self._people.append(made)
        return made

    def new_customer(self, mode: str = "automatic") -> Customer:
        """A tenant with a domain of its own, whose owner came in by the operator's invitation."""
        slug = f"customer-{next(self._numbers)}-{uuid4().hex[:6]}"
        domain, owner = f"{slug}.com", f"owner@{slug}.com"
        wanted = {
            "name": slug.title(),
            "slug": slug,
            "domains": [{"domain": domain, "mode": mode}],
            "owner_email": owner,
        }
        made = body_of(self.operator().http.post("/api/tenants", json=wanted))
        return Customer(made["id"], slug, domain, self.join(owner, token_in(self.link_for(owner, "/signup"))))

    def invite(self, inviter: Person, email: str, role: str = "member") -> str:
        """The token of a new invitation."""
        made = body_of(inviter.http.post("/api/invitations", json={"email": email, "role": role}))
        return token_in(made["invite_url"])

    def join(self, email: str, invitation_token: str, name: str = "Someone New") -> Person:
        """Sign up by an invitation."""
        wanted = {"email": email, "password": PASSWORD, "name": name, "invitation_token": invitation_token}
        return self.person(self.anonymous.post("/api/auth/signup", json=wanted))

    def member(self, customer: Customer, role: str = "member") -> Person:
        """A new person in ``customer``, by invitation."""
        email = f"{role}-{next(self._numbers)}@{customer.domain}"
        return self.join(email, self.invite(customer.owner, email, role))

    def allow_links(self, customer: Customer) -> None:
        """Let people of ``customer`` sign in by mailed links, too, as soon as auth has heard of it."""
        settings = {"sign_in_methods": ["password", "email_link"], "display_name": "Links"}
        body_of(customer.owner.http.patch("/api/tenants/current", json={"settings": settings}))
        whose = {"email": f"anybody@{customer.domain}"}

        def shown() -> bool:
            return bool(body_of(self.anonymous.get("/api/enrolment", params=whose))["tenant"]["name"] == "Links")

        eventually(shown, "the settings of a tenant")

    def sign_in_link(self, email: str) -> str:
        """The token of a link that signs ``email`` in, where links are allowed."""
        body_of(self.anonymous.post("/api/auth/login/link", json={"email": email}))
        return token_in(self.link_for(email, "/login/link"))

    def mails(self, to: str) -> list[Json]:
        """All mails to ``to``, newest first, from the development mailbox."""
        found: list[Json] = body_of(self.anonymous.get("/dev/mailbox.json", params={"to": to}))
        return found

    def link_for(self, to: str, path: str) -> str:
        """The newest link to ``path`` in a mail to ``to``, as soon as there is one."""

        def look() -> str | None:
            links = [link for mail in self.mails(to) for link in mail["links"]]
            return next((link for link in links if urlsplit(link).path == path), None)

        return eventually(look, f"a mail to {to} with a link to {path}")


def eventually(look: Callable[[], T | None], what: str) -> T:
    """What ``look`` finds, as soon as it finds something."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := look()):
        assert time.monotonic() < deadline, f"{what} did not come within {PATIENCE_SECONDS:.0f} s"
        time.sleep(LOOK_AGAIN_SECONDS)
    return found


def body_of(answer: httpx.Response) -> Any:
    """The body of a success."""
    assert answer.is_success, f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text}"
    return answer.json()


def token_in(link: str) -> str:
    """The secret of a link from a mail."""
    return parse_qs(urlsplit(link).query)["token"][0]


def claims_of(access_token: str) -> Json:
    """What an access token says; its signature is the gateway's business."""
    claims: Json = jwt.decode(access_token, options={"verify_signature": False})
    return claims


def _client(live: Live, access_token: str | None = None) -> httpx.Client:
    headers = {"Authorization": f"Bearer {access_token}"} if access_token else {}
    return httpx.Client(
        base_url=live.product.base_url,
        headers=headers,
        timeout=TIMEOUT_SECONDS,
        verify=usual_authorities(),
        trust_env=False,
    )
