"""CVE-2024-5133: every answer has the members that are promised, and not one more."""

from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from gateway.routes import HEALTH_AND_DISCOVERY, ROUTES
from tests.e2e.openapi.trial import described_by
from tests.e2e.support import PASSWORD, Customer, Person, World, body_of, eventually, token_in

Json = dict[str, Any]


def under(name: str, members: frozenset[str]) -> frozenset[str]:
    """The members of an object that is a member itself."""
    return frozenset(f"{name}.{member}" for member in members)


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


USER = words("id email name tenant_id role status email_verified created_at last_sign_in_at")
TENANT = words("id slug name")
SETTINGS = words("self_sign_up default_role session_days session_idle_days display_name sign_in_methods")
WHOLE_TENANT = TENANT | words("status created_at") | under("settings", SETTINGS)
AUDIT_OF_A_NEW_TENANT = words("id at action actor subject trace_id") | under(
    "data", TENANT - {"id"} | words("tenant_id status owner_email") | under("settings", SETTINGS)
)
SESSION = words("access_token token_type expires_in refresh_token") | under("user", USER) | under("tenant", TENANT)
DOMAIN = words(
    "domain mode status include_subdomains created_at verified_at expires_at missing_since"
    " txt_record.name txt_record.value"
)
OWN_SESSION = words("id device address created_at last_used_at expires_at current") | under("tenant", TENANT)
INVITATION = words(
    "id email role status tenant_id invited_by created_at expires_at delivery.status delivery.at delivery.error"
)
KEY = words("id name prefix scopes created_by created_at expires_at last_used_at")
MYSELF = (
    under("user", USER)
    | under("tenant", TENANT)
    | words("permissions memberships.role memberships.status")
    | under("memberships.tenant", TENANT)
)
PROBLEM = words("type title status detail code request_id")

PROMISED: Mapping[tuple[str, str], frozenset[str]] = {
    ("POST", "/api/auth/signup"): words("status email"),
    ("POST", "/api/auth/verify-email"): SESSION,
    ("POST", "/api/auth/verify-email/resend"): words("status"),
    ("POST", "/api/auth/login"): SESSION,
    ("POST", "/api/auth/login/link"): words("status"),
    ("POST", "/api/auth/login/link/redeem"): SESSION,
    ("POST", "/api/auth/refresh"): SESSION,
    ("POST", "/api/auth/password/forgot"): words("status"),
    ("POST", "/api/auth/password/reset"): frozenset(),
    ("GET", "/api/enrolment"): words("mode tenant.name"),
    ("POST", "/api/auth/logout"): frozenset(),
    ("GET", "/api/auth/me"): MYSELF,
    ("POST", "/api/auth/switch-tenant"): SESSION,
    ("POST", "/api/auth/password"): frozenset(),
    ("GET", "/api/auth/sessions"): under("items", OWN_SESSION) | words("next_cursor"),
    ("DELETE", "/api/auth/sessions"): frozenset(),
    ("DELETE", "/api/auth/sessions/{session_id}"): frozenset(),
    ("GET", "/api/users"): under("items", USER) | words("next_cursor"),
    ("GET", "/api/users/{user_id}"): USER,
    ("PATCH", "/api/users/{user_id}"): USER,
    ("DELETE", "/api/users/{user_id}"): frozenset(),
    ("GET", "/api/api-keys"): under("items", KEY) | words("next_cursor"),
    ("POST", "/api/api-keys"): KEY | words("secret"),
    ("DELETE", "/api/api-keys/{key_id}"): frozenset(),
    ("GET", "/api/tenants/current"): WHOLE_TENANT,
    ("GET", "/api/audit"): under("items", AUDIT_OF_A_NEW_TENANT) | words("next_cursor"),
    ("GET", "/api/tenants/current/domains"): under("items", DOMAIN) | words("next_cursor"),
    ("POST", "/api/tenants/current/domains"): DOMAIN,
    ("PATCH", "/api/tenants/current/domains/{domain}"): DOMAIN,
    ("DELETE", "/api/tenants/current/domains/{domain}"): frozenset(),
    ("POST", "/api/tenants/current/domains/{domain}/verify"): DOMAIN,
    ("PATCH", "/api/tenants/current"): WHOLE_TENANT,
    ("GET", "/api/tenants"): under("items", WHOLE_TENANT) | words("next_cursor"),
    ("POST", "/api/tenants"): WHOLE_TENANT,
    ("POST", "/api/tenants/{tenant_id}/invite-owner"): INVITATION,
    ("POST", "/api/tenants/{tenant_id}/suspend"): WHOLE_TENANT,
    ("POST", "/api/tenants/{tenant_id}/resume"): WHOLE_TENANT,
    ("POST", "/api/invitations"): INVITATION | words("invite_url"),
    ("POST", "/api/auth/invitations/generate"): INVITATION | words("invite_url"),
    ("GET", "/api/invitations"): under("items", INVITATION) | words("next_cursor"),
    ("GET", "/api/invitations/{invitation_id}"): INVITATION,
    ("POST", "/api/invitations/{invitation_id}/resend"): INVITATION,
    ("POST", "/api/invitations/{invitation_id}/revoke"): INVITATION,
    ("POST", "/api/invitations/preview"): words("state tenant.name email role account_exists"),
    ("POST", "/api/invitations/accept"): SESSION,
}


def members(value: Any, path: str = "") -> Iterator[str]:
    """The dotted names of all members of an answer; those of a list are those of its items."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from members(member, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for item in value:
            yield from members(item, path)
    elif path:
        yield path


class Story:
    """One that needs every route, and keeps what each said."""

    def __init__(self, product: World, customer: Customer) -> None:
        self.product = product
        self.customer = customer
        self.answers: dict[tuple[str, str], httpx.Response] = {}

    def ask(self, who: Person | None, method: str, path: str, body: Json | None = None, **ids: str) -> Any:
        client = who.http if who else self.product.anonymous
        answer = client.request(method, path.format(**ids), json=body, params=ids if method == "GET" else None)
        assert answer.is_success, answer.text
        self.answers[method, path] = answer
        return answer.json() if answer.content else None

    def tell(self) -> None:
        """All of it."""
        self.sign_up()
        self.look_around()
        self.claim_domains()
        self.invite()
        self.operate()
        eventually(self.audit, "what is told of a new tenant")

    def sign_up(self) -> None:
        email, ask = f"story@{self.customer.domain}", self.ask
        ask(None, "GET", "/api/enrolment", email=email)
        ask(None, "POST", "/api/auth/signup", {"email": email, "password": PASSWORD, "name": "Story"})
        ask(None, "POST", "/api/auth/verify-email/resend", {"email": email})
        ask(None, "POST", "/api/auth/verify-email", {"token": self.token(email, "/verify-email")})
        ask(None, "POST", "/api/auth/password/forgot", {"email": email})
        reset = self.token(email, "/reset-password")
        ask(None, "POST", "/api/auth/password/reset", {"token": reset, "password": PASSWORD})
        self.product.allow_links(self.customer)
        ask(None, "POST", "/api/auth/login/link", {"email": email})
        ask(None, "POST", "/api/auth/login/link/redeem", {"token": self.token(email, "/login/link")})
        session = ask(None, "POST", "/api/auth/login", {"email": email, "password": PASSWORD})
        ask(None, "POST", "/api/auth/refresh", {"refresh_token": session["refresh_token"]})
        ask(self.product.sign_in(email), "POST", "/api/auth/logout")
        self.go_on(self.product.sign_in(email))

    def go_on(self, who: Person) -> None:
        ask = self.ask
        ask(who, "POST", "/api/auth/switch-tenant", {"tenant_id": self.customer.id})
        listed = ask(who, "GET", "/api/auth/sessions")
        other = next(each["id"] for each in listed["items"] if not each["current"])
        ask(who, "DELETE", "/api/auth/sessions/{session_id}", session_id=other)
        ask(who, "POST", "/api/auth/password", {"current_password": PASSWORD, "password": PASSWORD})
        ask(who, "DELETE", "/api/auth/sessions")

    def look_around(self) -> None:
        owner = self.customer.owner
        for path in ("/api/auth/me", "/api/users", "/api/tenants/current"):
            self.ask(owner, "GET", path)
        self.ask(owner, "PATCH", "/api/tenants/current", {"settings": {"self_sign_up": True}})
        self.ask(owner, "GET", "/api/users/{user_id}", user_id=owner.id)
        member = self.product.member(self.customer)
        self.ask(owner, "PATCH", "/api/users/{user_id}", {"name": "Another"}, user_id=member.id)
        self.ask(owner, "DELETE", "/api/users/{user_id}", user_id=member.id)
        key = self.ask(owner, "POST", "/api/api-keys", {"name": "Tool", "scopes": ["users:read"]})
        self.ask(owner, "GET", "/api/api-keys")
        self.ask(owner, "DELETE", "/api/api-keys/{key_id}", key_id=key["id"])

    def claim_domains(self) -> None:
        ask, owner, domains = self.ask, self.customer.owner, "/api/tenants/current/domains"
        ask(owner, "POST", domains, {"domain": f"story-{self.customer.domain}", "mode": "manual"})
        ask(owner, "GET", domains)
        ask(owner, "POST", domains + "/{domain}/verify", domain=self.customer.domain)
        ask(owner, "PATCH", domains + "/{domain}", {"mode": "automatic"}, domain=self.customer.domain)
        ask(owner, "DELETE", domains + "/{domain}", domain=f"story-{self.customer.domain}")

    def invite(self) -> None:
        owner, email = self.customer.owner, f"invited@{self.customer.domain}"
        invited = self.ask(owner, "POST", "/api/invitations", {"email": email})
        self.ask(owner, "GET", "/api/invitations")
        for method, path in (("GET", ""), ("POST", "/resend"), ("POST", "/revoke")):
            self.ask(owner, method, "/api/invitations/{invitation_id}" + path, invitation_id=invited["id"])
        guest = self.product.new_customer().owner
        body = {"email": guest.email, "tenant_id": self.customer.id}
        made = self.ask(owner, "POST", "/api/auth/invitations/generate", body)
        token = {"token": token_in(made["invite_url"])}
        self.ask(None, "POST", "/api/invitations/preview", token)
        self.ask(guest, "POST", "/api/invitations/accept", token)

    def operate(self) -> None:
        operator = self.product.operator()
        slug = f"{self.customer.slug}-2"
        made = self.ask(operator, "POST", "/api/tenants", {"name": "Two", "slug": slug})
        self.ask(operator, "GET", "/api/tenants")
        owner, naming = {"email": f"owner@{slug}.com"}, f"/api/tenants/{made['id']}/invite-owner"
        eventually(lambda: operator.http.post(naming, json=owner).is_success, "the news of a new tenant")
        self.ask(operator, "POST", "/api/tenants/{tenant_id}/invite-owner", owner, tenant_id=made["id"])
        for path in ("suspend", "resume"):
            self.ask(operator, "POST", "/api/tenants/{tenant_id}/" + path, tenant_id=made["id"])

    def audit(self) -> bool:
        found = self.ask(self.customer.owner, "GET", "/api/audit", action="tenant.created")
        return bool(found["items"])

    def token(self, email: str, path: str) -> str:
        return token_in(self.product.link_for(email, path))


@pytest.fixture(scope="module")
def story(product: World) -> Story:
    told = Story(product, product.new_customer())
    told.tell()
    return told


def test_every_answer_has_what_is_promised_and_no_more(story: Story) -> None:
    said = {route: set(members(answer.json())) if answer.content else set() for route, answer in story.answers.items()}
    assert said == PROMISED


def test_every_answer_is_as_the_document_describes_it(story: Story, product: World) -> None:
    document = described_by(body_of(product.anonymous.get("/openapi.json")), product.base_url)
    for (method, path), answer in story.answers.items():
        document[path][method].validate_response(answer)


def test_every_route_has_a_promise() -> None:
    assert {(rule.method, rule.path) for rule in ROUTES if rule not in HEALTH_AND_DISCOVERY} == set(PROMISED)


def test_the_published_keys_have_no_private_half(product: World) -> None:
    keys = body_of(product.anonymous.get("/.well-known/jwks.json"))["keys"]
    assert {frozenset(key) for key in keys} == {words("kty crv x y kid use alg")}


def test_a_refusal_has_what_is_promised_and_no_more(product: World) -> None:
    unknown = product.anonymous.post("/api/auth/login", json={"email": "nobody@nowhere.example", "password": "x"})
    assert set(unknown.json()) == PROBLEM
    odd = product.anonymous.post("/api/auth/login", json={"email": 1})
    assert set(members(odd.json())) == PROBLEM | words("errors.field errors.message")
