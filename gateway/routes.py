"""The public surface, as data. What is not listed here does not exist."""

from collections.abc import Mapping

from gateway.rule import LimitClass, Needs, OptionalCaller, Public, Rule, SignedIn
from shared.contracts.permissions import Permission

AUTH, TENANTS, INVITATIONS = "auth", "tenants", "invitations"
SERVICES = (AUTH, TENANTS, INVITATIONS)

GATEWAY = "gateway"
"""Answered here."""

_directory = Needs(Permission.USERS_READ)
_inviting = Needs(Permission.INVITATIONS_MANAGE)
_administering = Needs(Permission.TENANT_MANAGE)
_members = Needs(Permission.USERS_MANAGE)
_api_keys = Needs(Permission.API_KEYS_MANAGE)
_operating = Needs(Permission.PLATFORM_OPERATE)

HEALTH_AND_DISCOVERY = (
    Rule("GET", "/health", GATEWAY, Public(), LimitClass.UNLIMITED),
    Rule("GET", "/livez", GATEWAY, Public(), LimitClass.UNLIMITED),
    Rule("GET", "/readyz", GATEWAY, Public(), LimitClass.UNLIMITED),
    Rule("GET", "/api/health/db", GATEWAY, Public()),
    Rule("GET", "/openapi.json", GATEWAY, Public()),
    Rule("GET", "/docs", GATEWAY, Public()),
    Rule("GET", "/.well-known/jwks.json", AUTH, Public()),
)

SIGN_UP_AND_SIGN_IN = (
    Rule("POST", "/api/auth/signup", AUTH, Public(), LimitClass.SIGN_UP, cookie=True),
    Rule("POST", "/api/auth/verify-email", AUTH, Public(), LimitClass.SIGN_UP, cookie=True),
    Rule("POST", "/api/auth/verify-email/resend", AUTH, Public(), LimitClass.SIGN_UP),
    Rule("POST", "/api/auth/login", AUTH, Public(), LimitClass.SIGN_IN, cookie=True),
    Rule("POST", "/api/auth/login/link", AUTH, Public(), LimitClass.SIGN_UP),
    Rule("POST", "/api/auth/login/link/redeem", AUTH, Public(), LimitClass.SIGN_IN, cookie=True),
    # A refresh token cannot be guessed, and a whole office may share an address.
    Rule("POST", "/api/auth/refresh", AUTH, Public(), cookie=True),
    Rule("POST", "/api/auth/password/forgot", AUTH, Public(), LimitClass.SIGN_UP),
    Rule("POST", "/api/auth/password/reset", AUTH, Public(), LimitClass.SIGN_IN),
    Rule("GET", "/api/enrolment", AUTH, Public(), LimitClass.PREVIEW),
)

ACCOUNT_AND_DIRECTORY = (
    Rule("POST", "/api/auth/logout", AUTH, SignedIn(), cookie=True),
    Rule("GET", "/api/auth/me", AUTH, SignedIn()),
    Rule("POST", "/api/auth/switch-tenant", AUTH, SignedIn(), cookie=True),
    Rule("POST", "/api/auth/password", AUTH, SignedIn(), LimitClass.SIGN_IN),
    Rule("GET", "/api/auth/sessions", AUTH, SignedIn()),
    Rule("DELETE", "/api/auth/sessions", AUTH, SignedIn()),
    Rule("DELETE", "/api/auth/sessions/{session_id}", AUTH, SignedIn()),
    Rule("GET", "/api/users", AUTH, _directory),
    Rule("GET", "/api/users/{user_id}", AUTH, _directory),
    Rule("PATCH", "/api/users/{user_id}", AUTH, _members),
    Rule("DELETE", "/api/users/{user_id}", AUTH, _members),
)

API_KEYS = (
    Rule("GET", "/api/api-keys", AUTH, _api_keys),
    Rule("POST", "/api/api-keys", AUTH, _api_keys),
    Rule("DELETE", "/api/api-keys/{key_id}", AUTH, _api_keys),
)

TENANT = (
    Rule("GET", "/api/tenants/current", TENANTS, SignedIn()),
    Rule("PATCH", "/api/tenants/current", TENANTS, _administering),
    Rule("GET", "/api/audit", TENANTS, Needs(Permission.AUDIT_READ), exports=("text/csv", "application/x-ndjson")),
    Rule("GET", "/api/tenants/current/domains", TENANTS, _administering),
    Rule("POST", "/api/tenants/current/domains", TENANTS, _administering),
    Rule("PATCH", "/api/tenants/current/domains/{domain}", TENANTS, _administering),
    Rule("DELETE", "/api/tenants/current/domains/{domain}", TENANTS, _administering),
    Rule("POST", "/api/tenants/current/domains/{domain}/verify", TENANTS, _administering),
    Rule("GET", "/api/tenants", TENANTS, _operating),
    Rule("POST", "/api/tenants", TENANTS, _operating),
    Rule("POST", "/api/tenants/{tenant_id}/invite-owner", INVITATIONS, _operating),
    Rule("POST", "/api/tenants/{tenant_id}/suspend", TENANTS, _operating),
    Rule("POST", "/api/tenants/{tenant_id}/resume", TENANTS, _operating),
)

INVITING = (
    Rule("POST", "/api/invitations", INVITATIONS, _inviting),
    Rule("POST", "/api/auth/invitations/generate", INVITATIONS, _inviting),
    Rule("GET", "/api/invitations", INVITATIONS, _inviting),
    Rule("GET", "/api/invitations/{invitation_id}", INVITATIONS, _inviting),
    Rule("POST", "/api/invitations/{invitation_id}/resend", INVITATIONS, _inviting),
    Rule("POST", "/api/invitations/{invitation_id}/revoke", INVITATIONS, _inviting),
)

BEING_INVITED = (
    Rule("POST", "/api/invitations/preview", AUTH, OptionalCaller(), LimitClass.PREVIEW),
    Rule("POST", "/api/invitations/accept", AUTH, SignedIn(), cookie=True),
)

GROUPS: Mapping[str, tuple[Rule, ...]] = {
    "Sign-up and sign-in": SIGN_UP_AND_SIGN_IN,
    "Account and directory": ACCOUNT_AND_DIRECTORY,
    "API keys": API_KEYS,
    "Inviting": INVITING,
    "Being invited": BEING_INVITED,
    "Tenants": TENANT,
    "Health and discovery": HEALTH_AND_DISCOVERY,
}

ROUTES: tuple[Rule, ...] = tuple(rule for group in GROUPS.values() for rule in group)
"""Present in every installation."""

METRICS = (Rule("GET", "/metrics", GATEWAY, Public(), LimitClass.UNLIMITED),)
"""On the public port outside production only."""

MAILBOX = (
    Rule("GET", "/dev/mailbox", GATEWAY, Public()),
    Rule("GET", "/dev/mailbox.json", GATEWAY, Public()),
)
"""Where mails are kept instead of being sent."""
