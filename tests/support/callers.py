"""Callers and signed contexts, as the gateway and fellow services would send them."""

from uuid import UUID

from shared.clock import utc_now
from shared.contracts.caller import CONTEXT_HEADER, Caller, ContextSigner
from shared.contracts.permissions import permissions_of
from shared.contracts.tenancy import PLATFORM_TENANT_ID, Role
from shared.ids import new_id

SIGNING_KEY = "only-the-tests-know-this-key-8f1c2a7e9b5d4f60a1b2c3d4e5f60718293a4b5c"
DATA_KEY = "only-the-tests-seal-with-this-4d0b7c6e1f"
GATEWAY = ContextSigner(SIGNING_KEY, "gateway", utc_now)


def a_caller(tenant_id: UUID, role: Role = Role.ADMIN, subject: UUID | None = None) -> Caller:
    """A signed-in person with all that ``role`` allows in the tenant."""
    return Caller(subject or new_id(), tenant_id, role, permissions_of(role, tenant_id), session_id=new_id())


def an_operator() -> Caller:
    """An owner of the platform tenant."""
    return a_caller(PLATFORM_TENANT_ID, Role.OWNER)


def headers_of(caller: Caller | None, service: str) -> dict[str, str]:
    """What the gateway adds to a request of ``caller``, or of nobody, to ``service``."""
    signed = GATEWAY.for_caller(caller, service) if caller else GATEWAY.for_anonymous(service)
    return {CONTEXT_HEADER: signed}


def peer_headers(name: str, service: str) -> dict[str, str]:
    """What fellow service ``name`` adds to a request to ``service``."""
    return {CONTEXT_HEADER: ContextSigner(SIGNING_KEY, name, utc_now).for_peer(service)}
