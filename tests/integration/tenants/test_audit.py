"""`GET /api/audit`"""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.tenants.app import NAME
from services.tenants.consumers import listener
from services.tenants.domain.audit import Wanted
from services.tenants.use_cases.list_audit import EXPORTED_AT_ONCE, ListAudit
from shared.contracts.auth import MembershipRemoved, SessionRevoked
from shared.contracts.caller import Caller
from shared.contracts.events import Event
from shared.contracts.permissions import Permission
from shared.contracts.tenancy import MembershipStatus, Role
from shared.ids import new_id
from shared.messaging.envelope import Envelope
from tests.integration.tenants.desk import Desk, problem
from tests.support.callers import a_caller, headers_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
T1, T2 = new_id(), new_id()
ADMIN = a_caller(T1)


def left(name: str = "Ann", tenant_id: UUID = T1) -> MembershipRemoved:
    return MembershipRemoved(
        user_id=new_id(),
        tenant_id=tenant_id,
        email="ann@company.com",
        name=name,
        role=Role.MEMBER,
        status=MembershipStatus.ACTIVE,
        changed_by=None,
    )


def signed_out() -> SessionRevoked:
    return SessionRevoked(session_id=new_id(), user_id=new_id(), reason="signed_out", dead_until=NOON)


def envelope(event: Event, at: datetime = NOON, tenant_id: UUID = T1, **more: Any) -> Envelope:
    data = event.model_dump(mode="json")
    return Envelope(new_id(), "auth", event.type, event.subject, at, tenant_id, 1, data, **more)


async def hear(desk: Desk, *envelopes: Envelope) -> None:
    await listener(NAME, desk.database).handle_all(envelopes)


async def items(desk: Desk, by: Caller = ADMIN, **query: str | int) -> list[dict[str, Any]]:
    answer = await desk.get("/api/audit", by, **query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def exported(desk: Desk, media_type: str) -> httpx.Response:
    headers = headers_of(ADMIN, NAME) | {"accept": media_type}
    answer = await desk.http.get("/api/audit", headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].partition(";")[0] == media_type
    return answer


async def test_an_event_is_read_with_its_actor_and_its_trace(desk: Desk) -> None:
    event, trace = left(), "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    told = envelope(event, actor=f"user:{ADMIN.subject}", traceparent=trace)
    await hear(desk, told)
    assert await items(desk) == [
        {
            "id": str(told.id),
            "at": "2026-03-01T12:00:00Z",
            "action": "membership.removed",
            "actor": f"user:{ADMIN.subject}",
            "subject": str(event.user_id),
            "data": event.model_dump(mode="json"),
            "trace_id": "a" * 32,
        }
    ]


async def test_an_event_is_written_down_once_however_often_it_comes(desk: Desk) -> None:
    one, other = envelope(left()), envelope(signed_out())
    await hear(desk, one, other, one)
    await hear(desk, one)
    await desk.rows("DELETE FROM inbox")  # it is longer ago than the inbox remembers
    await hear(desk, other, one)
    assert {entry["id"] for entry in await items(desk)} == {str(one.id), str(other.id)}
    assert len(await desk.rows("SELECT FROM audit_events")) == 2


async def test_what_an_event_says_beyond_its_contract_is_not_kept(desk: Desk) -> None:
    told = envelope(left())
    told.data["secret"] = "canary"
    await hear(desk, told)
    assert "canary" not in json.dumps(await items(desk))


async def test_nobody_reads_of_another_tenant(desk: Desk) -> None:
    """CVE-2026-45414, CVE-2026-42572: neither in the list nor in an export."""
    theirs = left("Canary", T2)
    await hear(desk, envelope(left()), envelope(theirs, tenant_id=T2, actor=f"user:{new_id()}"))
    assert [entry["data"]["name"] for entry in await items(desk)] == ["Ann"]
    for media_type in ("text/csv", "application/x-ndjson"):
        text = (await exported(desk, media_type)).text
        assert "Ann" in text
        assert "Canary" not in text
        assert str(theirs.user_id) not in text


async def test_the_filters_are_action_actor_and_time(desk: Desk) -> None:
    key, day = f"key:{new_id()}", timedelta(days=1)
    first, second = envelope(left()), envelope(signed_out(), NOON + day, actor=key)
    await hear(desk, first, second)
    cases: list[tuple[dict[str, str], list[Envelope]]] = [
        ({"action": "membership.removed"}, [first]),
        ({"action": "membership"}, [first]),
        ({"action": "member"}, []),
        ({"actor": key}, [second]),
        ({"actor": "system"}, [first]),
        ({"since": (NOON + day).isoformat()}, [second]),
        ({"until": (NOON + day).isoformat()}, [first]),
        ({"since": NOON.isoformat(), "until": (NOON + 2 * day).isoformat()}, [second, first]),
    ]
    for query, found in cases:
        assert [entry["id"] for entry in await items(desk, ADMIN, **query)] == [str(each.id) for each in found], query


async def test_pages_follow_each_other_newest_first(desk: Desk) -> None:
    """Through all months, and within one moment."""
    told = [envelope(left(), NOON + timedelta(days=30 * (n // 2))) for n in range(7)]
    await hear(desk, *told)
    seen: list[str] = []
    query: dict[str, str | int] = {"limit": 3}
    while True:
        page = (await desk.get("/api/audit", ADMIN, **query)).json()
        seen += [entry["id"] for entry in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    newest_first = sorted(told, key=lambda each: (each.time, each.id), reverse=True)
    assert seen == [str(each.id) for each in newest_first]


async def test_a_cursor_that_is_forged_or_of_another_list_is_refused(desk: Desk) -> None:
    """CVE-2026-33503."""
    await hear(desk, envelope(left()), envelope(left()))
    cursor = (await desk.get("/api/audit", ADMIN, limit=1)).json()["next_cursor"]
    cases: list[tuple[Caller, dict[str, str]]] = [
        (ADMIN, {"cursor": "A" + cursor[1:] if cursor[0] != "A" else "B" + cursor[1:]}),
        (ADMIN, {"cursor": cursor, "action": "membership"}),
        (a_caller(T2), {"cursor": cursor}),
    ]
    for by, query in cases:
        assert problem(await desk.get("/api/audit", by, **query)) == (400, "invalid_cursor")


@pytest.mark.parametrize("role", [Role.HR, Role.MEMBER])
async def test_only_those_who_may_read_it_do(desk: Desk, role: Role) -> None:
    assert problem(await desk.get("/api/audit", a_caller(T1, role))) == (403, "forbidden")


async def test_a_key_needs_its_scope(desk: Desk) -> None:
    await hear(desk, envelope(left()))
    key = replace(ADMIN, session_id=None, key_id=new_id(), permissions=frozenset({Permission.AUDIT_READ}))
    assert len(await items(desk, key)) == 1
    other = replace(key, permissions=frozenset({Permission.USERS_READ, Permission.INVITATIONS_MANAGE}))
    assert problem(await desk.get("/api/audit", other)) == (403, "forbidden")


async def test_an_export_is_whole_however_many_pages_it_takes(desk: Desk) -> None:
    told = [envelope(signed_out(), NOON + timedelta(seconds=n)) for n in range(2 * EXPORTED_AT_ONCE)]
    await hear(desk, *told)
    newest_first = [str(each.id) for each in reversed(told)]
    lines = (await exported(desk, "application/x-ndjson")).text.splitlines()
    assert [json.loads(line)["id"] for line in lines] == newest_first
    rows = list(csv.DictReader(io.StringIO((await exported(desk, "text/csv")).text)))
    assert [row["id"] for row in rows] == newest_first
    assert json.loads(rows[0]["data"])["reason"] == "signed_out"


async def test_an_export_has_each_entry_once_and_comes_to_an_end_while_more_come_in(desk: Desk) -> None:
    there = [envelope(signed_out(), NOON + timedelta(seconds=n)) for n in range(EXPORTED_AT_ONCE + 2)]
    await hear(desk, *there)
    seen: list[UUID] = []
    async for page in ListAudit(desk.database).pages(T1, Wanted()):
        assert len(page) <= EXPORTED_AT_ONCE
        seen += [entry.id for entry in page]
        moments = (NOON + timedelta(days=1), page[-1].at, NOON - timedelta(days=1))  # the newest, right here, late
        await hear(desk, *(envelope(signed_out(), at) for at in moments))
        assert len(seen) < 2 * len(there)
    assert len(set(seen)) == len(seen)
    assert {each.id for each in there} <= set(seen)


async def test_an_empty_export_has_its_head_alone(desk: Desk) -> None:
    assert (await exported(desk, "text/csv")).text == "id,at,action,actor,subject,data,trace_id\r\n"
    answer = await exported(desk, "application/x-ndjson")
    assert answer.text == ""
    assert answer.headers["content-disposition"] == 'attachment; filename="audit.ndjson"'
