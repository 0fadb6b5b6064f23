"""Who gets past the door, over the wire."""

import asyncio
import json

from shared.contracts.tenancy import Role
from tests.integration.gateway.front import PATIENCE_SECONDS, Front, Reply
from tests.support.access_tokens import Issuer
from tests.unit.gateway.test_authenticate import malformed


async def test_a_good_token_opens_and_none_is_told_to_sign_in(front: Front) -> None:
    assert (await front.http.get("/api/auth/me", headers=front.bearer())).status_code == 200
    answer = await front.http.get("/api/auth/me")
    assert answer.status_code == 401
    assert answer.json()["code"] == "unauthenticated"
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_thousand_malformed_headers_give_401_and_never_5xx(front: Front) -> None:
    """GHSA-xmf8-cvqr-rfgj, CVE-2024-47070."""
    reached = len(front.backend.seen)
    values = [value for value in malformed() if not any(octet in value for octet in (b"\r", b"\n", b"\x00"))]
    requests = [b"GET /api/auth/me HTTP/1.1\r\nHost: a\r\nAuthorization: " + value + b"\r\n\r\n" for value in values]
    for start in range(0, len(requests), 50):
        replies = await asyncio.gather(*(_first(front, request) for request in requests[start : start + 50]))
        assert {reply.status for reply in replies} == {401}
        assert {json.loads(reply.body)["code"] for reply in replies} == {"invalid_token"}
    assert len(front.backend.seen) == reached


async def _first(front: Front, request: bytes) -> Reply:
    closing = request.replace(b"Host: a\r\n", b"Host: a\r\nConnection: close\r\n")
    return (await front.raw(closing, PATIENCE_SECONDS))[0]


async def test_two_authorization_headers_are_refused(front: Front) -> None:
    bearer = ("Authorization", front.bearer()["Authorization"])
    assert (await front.get("/api/auth/me", bearer, bearer)).status == 401


async def test_a_strangers_token_is_refused_under_any_key_id(front: Front) -> None:
    stranger = Issuer(kid=front.backend.issuer.kid)
    for token in (stranger.token(), Issuer(kid="unknown").token()):
        answer = await front.http.get("/api/auth/me", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401
        assert answer.json()["code"] == "invalid_token"


async def test_signing_in_does_not_trip_over_a_stale_token(front: Front) -> None:
    for credentials in ("", "Bearer x", "Basic YTpi", "garbage"):
        answer = await front.http.post("/api/auth/login", json={}, headers={"Authorization": credentials})
        assert answer.status_code == 200


async def test_failures_are_counted_by_reason(front: Front) -> None:
    async def counted() -> float:
        lines = (await front.http.get("/metrics")).text.splitlines()
        found = [line for line in lines if line.startswith('token_validation_failures_total{reason="not_bearer"}')]
        return float(found[0].rpartition(" ")[2]) if found else 0.0

    before = await counted()
    await front.http.get("/api/auth/me", headers={"Authorization": "Basic YTpi"})
    assert await counted() == before + 1


async def test_a_route_needs_its_permission(front: Front) -> None:
    member = front.bearer(role=Role.MEMBER)
    answer = await front.http.post("/api/invitations", json={}, headers=member)
    assert answer.status_code == 403
    assert answer.json()["code"] == "forbidden"
    assert (await front.http.get("/api/users", headers=member)).status_code == 200
    assert (await front.http.get("/api/tenants", headers=front.bearer(role=Role.OWNER))).status_code == 403
