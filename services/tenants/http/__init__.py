"""All routes of the service: a handler reads, calls one use case, replies."""

from services.tenants.http import audit, domains, internal, tenants
from shared.http.endpoint import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = (*tenants.ENDPOINTS, *domains.ENDPOINTS, *audit.ENDPOINTS, *internal.ENDPOINTS)
