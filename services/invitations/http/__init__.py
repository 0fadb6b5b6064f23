"""The routes: a handler reads, calls one use case, replies."""

from services.invitations.http.internal import INTERNAL_ENDPOINTS
from services.invitations.http.public import PUBLIC_ENDPOINTS

ENDPOINTS = (*PUBLIC_ENDPOINTS, *INTERNAL_ENDPOINTS)
