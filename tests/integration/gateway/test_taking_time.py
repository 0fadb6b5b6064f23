"""Who keeps the body of a request back, or takes an answer slowly, is judged by what they are meanwhile."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from structlog.testing import capture_logs

from gateway import forward
from shared.clock import utc_now
from shared.contracts.api_keys import ApiKey
from shared.contracts.auth import ApiKeyRevoked
from shared.ids import new_id
from shared.messaging.envelope import Envelope
from tests.integration.gateway.backend import PIECE, PIECES, Backend
from tests.integration.gateway.front import Front, running

SESSION, TENANT, PERSON = str(new_id()), str(new_id()), str(new_id())
MEANWHILE = timedelta(minutes=10)
BIG = {"X-Want": "big"}
THERE, GONE, UNKNOWN = "there", "gone", "unknown"


def sign_out(backend: Backend) -> None:
    until = utc_now() + MEANWHILE
    backend.revoked["sessions"].append({"id": SESSION, "until": until.isoformat()})


def demote(backend: Backend) -> None:
    until = utc_now() + MEANWHILE
    former = {"tenant_id": TENANT, "user_id": PERSON, "role": "hr", "until": until.isoformat()}
    backend.revoked["roles"] = [former]


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


@pytest.fixture
def looks_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forward, "LOOK_AGAIN_SECONDS", 0.0)


@pytest.mark.usefixtures("looks_each_time")
@pytest.mark.parametrize("happens", [sign_out, suspend, demote])
async def test_an_answer_breaks_off_that_one_may_not_see_any_more(
    front: Front, happens: Callable[[Backend], None]
) -> None:
    bearer = front.bearer(sid=SESSION, tenant_id=TENANT, sub=PERSON)

    async def is_heard_of() -> bool:
        return (await front.http.get("/api/users", headers=bearer)).status_code == 401

    with capture_logs() as told:
        async with front.http.stream("GET", "/api/users", headers=bearer | BIG) as answer:
            happens(front.backend)
            await front.until(is_heard_of)
            assert await _rest_of(front, answer) is None
        await front.until(front.is_ready)  # by when the line about the other is written
    assert [line["code"] for line in told if line.get("status") == 200 and "code" in line] == ["invalid_token"]
    assert "request failed" not in [line["event"] for line in told]


@pytest.mark.usefixtures("looks_each_time")
async def test_an_answer_goes_on_for_whoever_may_see_it_though_the_token_expires(
    backend: tuple[str, Backend],
) -> None:
    """It was good for all of the answer, which takes two minutes at most."""
    later = timedelta()
    async with running(*backend, clock=lambda: utc_now() + later) as front:
        await front.until(front.is_ready)
        bearer = front.bearer()
        async with front.http.stream("GET", "/api/users", headers=bearer | BIG) as answer:
            later = 2 * MEANWHILE
            assert (await front.http.get("/api/users", headers=bearer)).status_code == 401
            assert await _rest_of(front, answer) == len(PIECE) * PIECES


@pytest.mark.usefixtures("looks_each_time")
@pytest.mark.parametrize(("by_then", "is_all"), [(THERE, True), (GONE, False), (UNKNOWN, True)])
async def test_an_answer_breaks_off_with_the_key_that_asked(front: Front, by_then: str, is_all: bool) -> None:
    """Not when auth cannot be asked at that moment: it is believed for as long as the answer may take."""
    key, tenant_id = ApiKey.new(new_id()), new_id()
    holder = {"key_id": str(key.id), "tenant_id": str(tenant_id), "expires_at": None}
    front.backend.key_holder = holder | {"role": "admin", "permissions": ["users:read"]}
    bearer = {"Authorization": f"Bearer {key.text}"}
    async with front.http.stream("GET", "/api/users", headers=bearer | BIG) as answer:
        if by_then is not THERE:
            front.backend.key_holder = None if by_then is GONE else {"what": "nobody understands"}
        await front.gateway.listener.handle_all([_another_key_is_gone(tenant_id)])
        assert await _rest_of(front, answer) == (len(PIECE) * PIECES if is_all else None)


async def _rest_of(front: Front, answer: httpx.Response) -> int | None:
    """The length of all of it, unless it breaks off."""
    assert answer.status_code == 200
    front.backend.go_on.set()
    try:
        return sum([len(piece) async for piece in answer.aiter_raw()])
    except httpx.ReadError:
        return None


def _another_key_is_gone(tenant_id: UUID) -> Envelope:
    event = ApiKeyRevoked(key_id=new_id(), tenant_id=tenant_id, name="Another", revoked_by=new_id())
    data = event.model_dump(mode="json")
    return Envelope(new_id(), "test", event.type, event.subject, utc_now(), tenant_id, 1, data)
