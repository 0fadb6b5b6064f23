"""People who are invited, sign up and sign in, as often as it takes."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from shared.http.tls import usual_authorities
from tests.e2e.support import PASSWORD, TIMEOUT_SECONDS, body_of, token_in
from tests.support.waiting import eventually

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody who holds the link of an invitation."""

    email: str
    token: str


def a_client(base_url: str) -> httpx.AsyncClient:
    """A crowd: as many connections as it takes, of which few are kept, since each request looks at all that are."""
    return httpx.AsyncClient(
        base_url=base_url,
        timeout=TIMEOUT_SECONDS,
        verify=usual_authorities(),
        trust_env=False,
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=4),
    )


async def invite(http: httpx.AsyncClient, inviter: Json, email: str | None = None) -> Invited:
    """Somebody new, or whose address is ``email``, with a link to the tenant of ``inviter`` (the headers)."""
    address = email or f"{uuid4().hex}@example.com"
    answer = await http.post("/api/invitations", json={"email": address}, headers=inviter)
    return Invited(address, token_in(body_of(answer)["invite_url"]))


async def sign_up(http: httpx.AsyncClient, who: Invited) -> httpx.Response:
    """Use the link."""
    body = {"email": who.email, "password": PASSWORD, "name": "Someone New", "invitation_token": who.token}
    return await http.post("/api/auth/signup", json=body)


async def sign_up_at_last(http: httpx.AsyncClient, who: Invited) -> int:
    """Use the link, again as long as one is told to come back: the status in the end."""

    async def status() -> int | None:
        answer = await sign_up(http, who)
        return None if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE else answer.status_code

    return await eventually(status, f"a way in for {who.email}")


async def sign_in(http: httpx.AsyncClient, email: str, password: str = PASSWORD) -> Json:
    """The headers of somebody who has just signed in."""
    session = body_of(await http.post("/api/auth/login", json={"email": email, "password": password}))
    return {"Authorization": f"Bearer {session['access_token']}"}
