"""The routes of auth."""

from services.auth.http import accounts, directory, internal, sessions
from shared.http.endpoint import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = (
    *accounts.ENDPOINTS,
    *sessions.ENDPOINTS,
    *directory.ENDPOINTS,
    *internal.ENDPOINTS,
)
