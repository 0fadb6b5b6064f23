"""Who has sent the head of a request, and keeps its body back, is judged by what they are when the body comes."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from shared.clock import utc_now
from shared.contracts.api_keys import ApiKey
from shared.contracts.auth import ApiKeyRevoked
from shared.ids import new_id
from shared.messaging.envelope import Envelope
from tests.integration.gateway.backend import Backend
from tests.integration.gateway.front import Front

SESSION, TENANT = str(new_id()), str(new_id())


def sign_out(backend: Backend) -> None:
    until = datetime.now(UTC) + timedelta(minutes=10)
    backend.revoked["sessions"].append({"id": SESSION, "until": until.isoformat()})


def suspend(backend: Backend) -> None:
    backend.revoked["tenants"].append(TENANT)


def nothing(_: Backend) -> None:
    """They are what they were."""


@pytest.mark.parametrize(("happens", "status"), [(sign_out, 401), (suspend, 401), (nothing, 200)])
async def test_a_body_that_comes_late_opens_nothing_that_was_closed_meanwhile(
    front: Front, happens: Callable[[Backend], None], status: int
) -> None:
    bearer = front.bearer(sid=SESSION, tenant_id=TENANT)

    async def usual() -> int:
        return (await front.http.get("/api/users", headers=bearer)).status_code

    async def is_heard_of() -> bool:
        return await usual() == status

    async def pieces() -> AsyncIterator[bytes]:
        yield b"{"
        assert await usual() == 200  # and the head, which came first, has been judged, too
        happens(front.backend)
        await front.until(is_heard_of)
        yield b'"email": "late@example.com"}'

    headers = bearer | {"Content-Type": "application/json"}
    answer = await front.http.post("/api/invitations", headers=headers, content=pieces())
    assert answer.status_code == status
    assert [seen["path"] for seen in front.backend.seen].count("/api/invitations") == (status == 200)


async def test_a_body_that_comes_late_is_that_of_whoever_the_key_is_by_then(front: Front) -> None:
    key, tenant_id = ApiKey.new(new_id()), new_id()
    holder = {"key_id": str(key.id), "tenant_id": str(tenant_id), "expires_at": None}
    as_hr = {"role": "hr", "permissions": ["invitations:manage"]}
    as_less = {"role": "member", "permissions": ["invitations:manage"]}
    front.backend.key_holder = holder | as_hr
    bearer = {"Authorization": f"Bearer {key.text}"}

    async def pieces() -> AsyncIterator[bytes]:
        yield b"{"
        await front.http.post("/api/invitations", headers=bearer, json={})
        front.backend.key_holder = holder | as_less
        await front.gateway.listener.handle_all([_another_key_is_gone(tenant_id)])
        yield b'"email": "late@example.com"}'

    headers = bearer | {"Content-Type": "application/json"}
    answer = await front.http.post("/api/invitations", headers=headers, content=pieces())
    assert answer.status_code == 200
    assert [seen["caller"]["role"] for seen in front.backend.seen] == ["hr", "member"]


def _another_key_is_gone(tenant_id: UUID) -> Envelope:
    event = ApiKeyRevoked(key_id=new_id(), tenant_id=tenant_id, name="Another", revoked_by=new_id())
    data = event.model_dump(mode="json")
    return Envelope(new_id(), "test", event.type, event.subject, utc_now(), tenant_id, 1, data)
