"""CVE-2026-33494: the path that was judged is the path that the service sees, else 400."""

import json

from tests.integration.gateway.front import PATIENCE_SECONDS, Front
from tests.unit.gateway.test_path import AMBIGUOUS

BROKEN = [path for path in AMBIGUOUS if set(path) & set(b" \t\r\n\x00")]
WRITABLE = [path for path in AMBIGUOUS if path and path not in BROKEN and not set(path) & set(b"?#")]
"""On the line, what follows ? or # is no part of the path."""


async def test_an_ambiguous_path_reaches_nobody(front: Front) -> None:
    for raw in WRITABLE:
        (reply,) = await front.raw(
            b"GET " + raw + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", PATIENCE_SECONDS
        )
        assert reply.status == 400, raw
        assert json.loads(reply.body)["code"] in ("malformed_path", "bad_request"), raw
    assert not front.backend.seen


async def test_white_space_and_controls_in_a_path_are_no_http(front: Front) -> None:
    for raw in BROKEN:
        replies = await front.raw(
            b"GET " + raw + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", PATIENCE_SECONDS
        )
        assert [reply.status for reply in replies] == [400], raw
    assert not front.backend.seen


PLAIN = [
    ("/api/enrolment", "/api/enrolment", ""),
    ("/api/enrolment?email=a%40b.c&x=%2F..%2f;y", "/api/enrolment", "email=a%40b.c&x=%2F..%2f;y"),
    ('/api/enrolment?"<>|^`{}', "/api/enrolment", '"<>|^`{}'),
    ("/api/enrolment?", "/api/enrolment", ""),
    ("http://evil.example/api/enrolment?a", "/api/enrolment", "a"),
]


async def test_what_is_forwarded_is_what_was_judged_octet_by_octet(front: Front) -> None:
    for target, path, query in PLAIN:
        assert (await front.get(target)).status == 200
        assert front.backend.seen[-1]["path"] == path
        assert front.backend.seen[-1]["query"] == query


NOWHERE = [
    "/internal/revocations",
    "/internal/reservations",
    "/api/auth/nothing",
    "/api/users/1/2",
    "/API/users",
    "/api/enrolment/",
    "/dev/mailbox",
    "/",
]


async def test_what_is_not_listed_does_not_exist(front: Front) -> None:
    """No internal route of a service can be reached from outside, whatever the credentials."""
    for path in NOWHERE:
        answer = await front.http.get(path, headers=front.bearer())
        assert answer.status_code == 404, path
        assert answer.json()["code"] == "not_found"
    assert not front.backend.seen
