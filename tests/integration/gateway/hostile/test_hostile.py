"""Thousands of hostile requests: no answer of 500 or above, nothing let through, and a gateway that goes on."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

import pytest

from tests.integration.gateway.backend import values
from tests.integration.gateway.front import PATIENCE_SECONDS, Front, Reply
from tests.integration.gateway.hostile import framing
from tests.integration.gateway.hostile.headers import OURS, forgeries
from tests.integration.gateway.hostile.paths import ambiguous_paths

T = TypeVar("T")
AT_ONCE = 40
PIPELINED = 50
LEAST_CASES = 2000

PATHS = tuple(dict.fromkeys(ambiguous_paths()))
FORGERIES = tuple(forgeries())
FRAMINGS: dict[str, Callable[[], Iterator[bytes]]] = {
    "two lengths": framing.two_lengths,
    "bad codings": framing.bad_codings,
    "bad chunks": framing.bad_chunks,
    "bad heads": framing.bad_heads,
}


def test_the_tables_make_thousands_of_cases() -> None:
    framings = sum(len(set(made())) for made in FRAMINGS.values())
    assert len(PATHS) + sum(len(spelt) for _, spelt in FORGERIES) + framings >= LEAST_CASES


async def test_no_disguise_of_a_path_arrives_anywhere(front: Front) -> None:
    """CVE-2026-33494: with the best credentials that a customer has, so that nothing else stops it."""
    bearer = front.bearer()["Authorization"]
    told: list[tuple[str, int]] = []
    while paths := PATHS[len(told) :][:PIPELINED]:
        heads = [f"GET {path} HTTP/1.1\r\nHost: a\r\nAuthorization: {bearer}" for path in paths]
        replies = await front.raw(_pipeline(heads), PATIENCE_SECONDS)
        assert replies[-1].values("connection") == ["close"]  # either the last one, or no HTTP at all
        told += zip(paths, _statuses(replies), strict=False)
    assert [(path, status) for path, status in told if status not in (400, 404)] == []
    assert [seen["path"] for seen in front.backend.seen] == []


async def test_no_spelling_of_an_identity_header_reaches_a_service(front: Front) -> None:
    """CVE-2025-64484, CVE-2026-33495, CVE-2024-45410: for a caller and for a stranger, named by Connection or not."""
    bearer = f"Authorization: {front.bearer()['Authorization']}"
    requests, names = [], []
    for name, spelt in FORGERIES:
        forged = "\r\n".join(f"{spelling}: forged-{number}" for number, spelling in enumerate(spelt))
        for line in (f"GET /api/auth/me HTTP/1.1\r\n{bearer}", f"GET /api/enrolment HTTP/1.1\r\nConnection: {name}"):
            requests.append(f"{line}\r\nHost: a\r\n{forged}")
            names.append(name)
    replies = [
        reply for piece in _pieces(requests, PIPELINED) for reply in await front.raw(_pipeline(piece), PATIENCE_SECONDS)
    ]
    assert {reply.status for reply in replies} == {200}
    assert len(front.backend.seen) == len(requests)
    for name, seen in zip(names, front.backend.seen, strict=True):
        assert not [header for header in seen["headers"] if "forged" in header[1]], name
        assert len(values(seen, name)) == (name in OURS), name


@pytest.mark.parametrize("kind", FRAMINGS)
async def test_no_shape_with_two_ends_is_let_through(front: Front, kind: str) -> None:
    """CVE-2025-43859: one 400, the end of the connection, and nothing of what follows is ever read as a request."""
    shapes = tuple(dict.fromkeys(FRAMINGS[kind]()))
    for piece in _pieces(shapes, AT_ONCE):
        answers = await asyncio.gather(*(front.raw(shape + framing.SMUGGLED, PATIENCE_SECONDS) for shape in piece))
        wrong = {shape: _statuses(replies) for shape, replies in zip(piece, answers, strict=True)}
        assert {shape: statuses for shape, statuses in wrong.items() if statuses != [400]} == {}
    assert [seen["path"] for seen in front.backend.seen] == []
    assert (await front.http.get("/health")).status_code == 200


def _pipeline(heads: Iterable[str]) -> bytes:
    """These requests, on one connection that ends with the last."""
    *others, last = heads
    return "".join(f"{head}\r\n\r\n" for head in (*others, f"{last}\r\nConnection: close")).encode("latin-1")


def _pieces(cases: Sequence[T], size: int) -> Iterator[tuple[T, ...]]:
    remaining = iter(cases)
    while piece := tuple(islice(remaining, size)):
        yield piece


def _statuses(replies: Sequence[Reply]) -> list[int]:
    return [reply.status for reply in replies]
