"""The routes of auth."""

from services.auth.http import (
    accounts,
    api_keys,
    directory,
    internal,
    own_sessions,
    passwords,
    sessions,
    sign_in_links,
)
from shared.http.endpoint import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = (
    *accounts.ENDPOINTS,
    *sessions.ENDPOINTS,
    *sign_in_links.ENDPOINTS,
    *own_sessions.ENDPOINTS,
    *passwords.ENDPOINTS,
    *directory.ENDPOINTS,
    *api_keys.ENDPOINTS,
    *internal.ENDPOINTS,
)
