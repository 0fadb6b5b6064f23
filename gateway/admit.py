"""May they: the tenant that a request names, and the permission that its route needs."""

from gateway.authenticate.known_caller import KnownCaller
from gateway.request import Request
from gateway.rule import Needs, Rule
from shared.contracts.caller import NotForApiKeys, TenantMismatch

TENANT_HEADER = b"x-tenant-id"


def admit(rule: Rule, known: KnownCaller | None, request: Request) -> None:
    """Pass, or raise ``TenantMismatch`` (a foreign X-Tenant-ID, however many there are) or ``Forbidden``.

    An API key gets no further than to routes that need one of its scopes: a session's routes are not for it.
    The header never chooses a tenant. Where nobody is signed in it means nothing, and is dropped like any other
    header about identity.
    """
    if known is None:
        return
    if any(named.strip().lower() != known.tenant for named in request.values(TENANT_HEADER)):
        raise TenantMismatch
    if isinstance(rule.access, Needs):
        known.caller.require(rule.access.permission)
    elif known.caller.key_id:
        raise NotForApiKeys
