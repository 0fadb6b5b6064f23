"""Request bodies: which are read, and what is said of those that are not."""

from typing import Any

import pytest

from shared.contracts.email import InvalidEmail
from shared.http.body import MOST_ERRORS
from tests.unit.shared.notes import TENANT, answer, problem_of

NO_JSON = [
    b"",
    b"{",
    b"{'text': 1}",
    b'{"text": "x"',
    b"\xff\xfe",
    b'{"text": NaN}',
    b'{"text": -Infinity}',
    b"[" * 900,
]


@pytest.mark.parametrize("body", NO_JSON)
async def test_a_body_that_is_not_json_is_malformed(body: bytes) -> None:
    response = await answer("POST", "/notes", content=body, more={"Content-Type": "application/json"})
    assert problem_of(response) == (400, "malformed_body")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": None}, "text"),
        ({"text": 7}, "text"),
        ({"text": ["x"]}, "text"),
        ({"text": "x", "tags": ["a", 1]}, "tags.1"),
        ({"text": "x", "role": "owner"}, "role"),
        ([], ""),
        ("text", ""),
    ],
)
async def test_a_body_that_does_not_fit_says_where(body: object, field: str) -> None:
    response = await answer("POST", "/notes", json=body)
    assert problem_of(response) == (422, "invalid_request")
    assert [error["field"] for error in response.json()["errors"]] == [field]


async def test_of_many_errors_the_first_are_told() -> None:
    """CVE-2024-28053: an answer does not grow with what was sent."""
    response = await answer("POST", "/notes", json={"text": "x", "tags": [1] * 300})
    assert [error["field"] for error in response.json()["errors"]] == [f"tags.{n}" for n in range(MOST_ERRORS)]


async def test_an_unknown_member_is_refused() -> None:
    """CVE-2024-0404: nobody slips in a role or a tenant."""
    response = await answer("POST", "/notes", json={"text": "x", "tenant_id": str(TENANT)})
    assert problem_of(response) == (422, "invalid_request")


async def test_an_odd_address_has_its_own_code() -> None:
    response = await answer("POST", "/notes", json={"text": "x", "email": "a@b@c.com"})
    assert problem_of(response) == (422, "invalid_email")
    assert response.json()["title"] == InvalidEmail.title


@pytest.mark.parametrize(
    ("member", "value", "words"),
    [
        ("reader", "owner", "Input should be 'hr' or 'member'"),
        ("due", "2030-01-31", "Write a time like 2030-01-31T12:00:00Z."),
        ("seal", "", "String should have at least 1 character"),
    ],
)
async def test_what_is_said_of_a_member_can_be_shown(member: str, value: str, words: str) -> None:
    response = await answer("POST", "/notes", json={"text": "x", member: value})
    assert response.json()["errors"] == [{"field": member, "message": words}]


async def test_each_text_with_a_nul_is_named() -> None:
    response = await answer("POST", "/notes", json={"text": "a\0", "tags": ["x", "\0"]})
    assert problem_of(response) == (422, "invalid_request")
    assert [error["field"] for error in response.json()["errors"]] == ["text", "tags.1"]
    asked = await answer("GET", f"/notes/{TENANT}?q=%00")
    assert [error["field"] for error in asked.json()["errors"]] == ["q"]


async def test_a_problem_never_repeats_what_was_sent() -> None:
    response = await answer("POST", "/notes", json={"text": {"canary": "swordfish"}, "email": "swordfish@@x"})
    assert "swordfish" not in response.text


async def test_a_nul_character_is_refused_and_a_backslash_is_not() -> None:
    """PostgreSQL's text cannot hold U+0000."""
    assert problem_of(await answer("POST", "/notes", json={"text": "a\0b"})) == (422, "invalid_request")
    assert problem_of(await answer("POST", "/notes", json={"text": "x", "tags": ["\0"]})) == (422, "invalid_request")
    assert (await answer("POST", "/notes", json={"text": r"a\u0000b"})).status_code == 201
    assert problem_of(await answer("GET", f"/notes/{TENANT}?q=%00")) == (422, "invalid_request")


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""])
async def test_another_media_type_is_not_read(media_type: str) -> None:
    """A form that a mail scanner posts is not even looked at."""
    response = await answer("POST", "/notes", content=b'{"text":"x"}', more={"Content-Type": media_type})
    assert problem_of(response) == (415, "unsupported_media_type")


async def test_a_body_that_is_packed_is_not_read_and_its_author_hears_why() -> None:
    """RFC 9110, section 15.5.16."""
    for coding, status in [("gzip", 415), ("identity, br", 415), ("identity", 201), ("Identity", 201)]:
        more = {"Content-Type": "application/json", "Content-Encoding": coding}
        response = await answer("POST", "/notes", content=b'{"text":"x"}', more=more)
        assert response.status_code == status
    assert "compress" in (await answer("POST", "/notes", json={}, more={"Content-Encoding": "gzip"})).json()["detail"]


async def test_json_may_name_its_charset() -> None:
    more = {"Content-Type": "Application/JSON; charset=utf-8"}
    assert (await answer("POST", "/notes", content=b'{"text":"x"}', more=more)).status_code == 201


async def test_a_body_over_the_limit_is_not_read_whether_announced_or_not() -> None:
    """CVE-2024-28053."""
    assert problem_of(await answer("POST", "/notes", json={"text": "x" * 1000})) == (413, "body_too_large")

    async def unannounced() -> Any:
        for _ in range(10):
            yield b"x" * 500

    more = {"Content-Type": "application/json"}
    assert problem_of(await answer("POST", "/notes", content=unannounced(), more=more)) == (413, "body_too_large")
