"""The isolation matrix, as data: how each route of the public surface can be aimed at another tenant."""

from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.e2e.support import PASSWORD, Customer, Person, World, body_of

Json = dict[str, Any]
Route = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Target:
    """A tenant with one of everything that somebody else might ask for, and the words that would betray it."""

    customer: Customer
    member: Person
    invitation_id: str
    invitation_token: str
    invited: str
    key_id: str
    cursors: dict[str, str]

    @classmethod
    def furnish(cls, world: World) -> "Target":
        """A tenant with members, an open invitation, and lists of more than one page."""
        customer = world.new_customer()
        owner = customer.owner.http
        invited = f"invited@{customer.domain}"
        made = body_of(owner.post("/api/invitations", json={"email": invited}))
        world.invite(customer.owner, f"another@{customer.domain}")
        member = world.member(customer)
        keys = [
            body_of(owner.post("/api/api-keys", json={"name": f"Tool of {customer.slug}", "scopes": ["users:read"]}))
            for _ in range(2)
        ]
        cursors = {
            path: body_of(owner.get(path, params={"limit": 1}))["next_cursor"]
            for path in ("/api/users", "/api/invitations", "/api/api-keys")
        }
        token = httpx.URL(made["invite_url"]).params["token"]
        return cls(customer, member, made["id"], token, invited, keys[0]["id"], cursors)

    @property
    def betraying(self) -> tuple[str, ...]:
        """What must not be in an answer to anybody else. (Answers may repeat the ids that a path asked for.)"""
        return (
            self.customer.slug,
            self.customer.slug.title(),
            self.customer.domain,
            self.customer.owner.id,
            self.member.email,
            self.invited,
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One route's line: what to send when aiming at the target, and which answers are right.

    ``path`` fills the path's parameters, ``body`` and ``query`` name the target wherever they can. ``allowed`` holds
    the statuses for callers with every permission of their own tenant; 401 and 403 are always right for others.
    ``own`` marks a route that knows no ids: without the tenant header it answers with the caller's own.
    """

    allowed: frozenset[int]
    path: Json = field(default_factory=dict)
    body: Json | None = None
    query: Json = field(default_factory=dict)
    own: bool = False
    says_so: bool = False
    """The secret in the body is the right to know: the answer may name the tenant, and changes nothing."""


STRANGER = "x@unclaimed-by-anybody.example"
"""Whose domain leads to no tenant."""


def matrix(target: Target) -> dict[Route, Row]:
    """All rows. A route without one fails the run."""
    tenant, invitation = target.customer.id, {"invitation_id": target.invitation_id}
    domain = {"domain": target.customer.domain}
    nothing, refused = frozenset({404}), frozenset({403})
    own, public = Row(frozenset({200}), own=True), Row(frozenset({200}), own=True)
    credentials = {"email": target.member.email, "password": "not the password 9"}
    return {
        ("GET", "/health"): public,
        ("GET", "/livez"): public,
        ("GET", "/readyz"): public,
        ("GET", "/metrics"): public,
        ("GET", "/api/health/db"): public,
        ("GET", "/openapi.json"): public,
        ("GET", "/docs"): public,
        ("GET", "/.well-known/jwks.json"): public,
        # The address decides, and whoever has none of the tenant's is not told that there is one.
        ("POST", "/api/auth/signup"): Row(
            frozenset({422}), body={"email": STRANGER, "password": PASSWORD, "name": "X"}
        ),
        ("POST", "/api/auth/verify-email"): Row(frozenset({410}), body={"token": target.invitation_token}),
        ("POST", "/api/auth/verify-email/resend"): Row(frozenset({202}), body={"email": STRANGER}),
        ("POST", "/api/auth/login"): Row(frozenset({401}), body=credentials | {"tenant_id": tenant}),
        # Answers the same for everybody, and mails nobody into a tenant that is not theirs.
        ("POST", "/api/auth/login/link"): Row(frozenset({202}), body={"email": STRANGER, "tenant_id": tenant}),
        ("POST", "/api/auth/login/link/redeem"): Row(frozenset({410}), body={"token": target.invitation_token}),
        ("POST", "/api/auth/refresh"): Row(frozenset({401}), body={"refresh_token": target.invitation_token}),
        ("POST", "/api/auth/password/forgot"): Row(frozenset({202}), body={"email": STRANGER}),
        ("POST", "/api/auth/password/reset"): Row(
            frozenset({410}), body={"token": target.invitation_token, "password": PASSWORD}
        ),
        ("GET", "/api/enrolment"): Row(frozenset({200}), query={"email": STRANGER}),
        ("POST", "/api/auth/logout"): Row(frozenset({204}), own=True),
        ("GET", "/api/auth/me"): own,
        ("POST", "/api/auth/switch-tenant"): Row(refused, body={"tenant_id": tenant}),
        ("POST", "/api/auth/password"): Row(
            refused, body={"current_password": "not the password 9", "password": PASSWORD}
        ),
        ("GET", "/api/auth/sessions"): own,
        ("DELETE", "/api/auth/sessions"): Row(frozenset({204}), query={"keep_current": "true"}, own=True),
        ("DELETE", "/api/auth/sessions/{session_id}"): Row(nothing, {"session_id": target.member.claims["sid"]}),
        ("GET", "/api/users"): own,
        ("GET", "/api/users/{user_id}"): Row(nothing, {"user_id": target.member.id}),
        ("PATCH", "/api/users/{user_id}"): Row(nothing, {"user_id": target.member.id}, body={"role": "member"}),
        ("DELETE", "/api/users/{user_id}"): Row(nothing, {"user_id": target.member.id}),
        ("GET", "/api/api-keys"): own,
        ("POST", "/api/api-keys"): Row(
            frozenset({422}), body={"name": "Mine", "scopes": ["users:read"], "tenant_id": tenant}
        ),
        ("DELETE", "/api/api-keys/{key_id}"): Row(nothing, {"key_id": target.key_id}),
        ("GET", "/api/tenants/current"): own,
        ("GET", "/api/audit"): own,
        ("PATCH", "/api/tenants/current"): Row(frozenset({422}), body={"name": "Mine", "id": tenant}),
        ("GET", "/api/tenants/current/domains"): own,
        ("POST", "/api/tenants/current/domains"): Row(
            frozenset({409}), body={"domain": target.customer.domain, "mode": "automatic"}
        ),
        ("PATCH", "/api/tenants/current/domains/{domain}"): Row(nothing, domain, body={"mode": "manual"}),
        ("DELETE", "/api/tenants/current/domains/{domain}"): Row(nothing, domain),
        ("POST", "/api/tenants/current/domains/{domain}/verify"): Row(nothing, domain),
        ("GET", "/api/tenants"): Row(refused),
        ("POST", "/api/tenants"): Row(
            refused, body={"name": "Mine", "slug": "mine-now", "owner_email": "me@x.example"}
        ),
        ("POST", "/api/tenants/{tenant_id}/invite-owner"): Row(
            refused, {"tenant_id": tenant}, body={"email": "me@x.example"}
        ),
        ("POST", "/api/tenants/{tenant_id}/suspend"): Row(refused, {"tenant_id": tenant}),
        ("POST", "/api/tenants/{tenant_id}/resume"): Row(refused, {"tenant_id": tenant}),
        ("POST", "/api/invitations"): Row(
            frozenset({422}), body={"email": "me@x.example", "role": "owner", "tenant_id": tenant}
        ),
        ("POST", "/api/auth/invitations/generate"): Row(refused, body={"email": "me@x.example", "tenant_id": tenant}),
        ("GET", "/api/invitations"): own,
        ("GET", "/api/invitations/{invitation_id}"): Row(nothing, invitation),
        ("POST", "/api/invitations/{invitation_id}/resend"): Row(nothing, invitation),
        ("POST", "/api/invitations/{invitation_id}/revoke"): Row(nothing, invitation),
        ("POST", "/api/invitations/preview"): Row(
            frozenset({200}), body={"token": target.invitation_token}, says_so=True
        ),
        ("POST", "/api/invitations/accept"): Row(refused, body={"token": target.invitation_token}),
        ("GET", "/dev/mailbox"): public,
        ("GET", "/dev/mailbox.json"): Row(frozenset({200}), query={"to": STRANGER}),
    }
