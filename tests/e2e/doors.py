"""Every way to present a token to the product."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.e2e.support import PASSWORD, Person

REFUSALS = frozenset({401, 403, 404, 410, 422})


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request that would succeed with the right token."""

    method: str
    path: str
    request: dict[str, Any]


def attempts(token: str, *, email: str, signed_in: Person) -> Iterator[Attempt]:
    """``token`` at every door: as somebody new with ``email``, and as ``signed_in``."""
    bearer = {"Authorization": signed_in.http.headers["Authorization"]}
    newcomer = {"email": email, "password": PASSWORD, "name": "Somebody New", "invitation_token": token}
    yield Attempt("POST", "/api/auth/verify-email", {"json": {"token": token}})
    yield Attempt("POST", "/api/auth/password/reset", {"json": {"token": token, "password": PASSWORD}})
    yield Attempt("POST", "/api/auth/login/link/redeem", {"json": {"token": token}})
    yield Attempt("POST", "/api/auth/refresh", {"json": {"refresh_token": token}})
    yield Attempt("POST", "/api/auth/signup", {"json": newcomer})
    yield Attempt("POST", "/api/invitations/preview", {"json": {"token": token}})
    yield Attempt("POST", "/api/invitations/accept", {"json": {"token": token}, "headers": bearer})
    if token.isascii() and token.isprintable():
        yield Attempt("GET", "/api/auth/me", {"headers": {"Authorization": f"Bearer {token}"}})
