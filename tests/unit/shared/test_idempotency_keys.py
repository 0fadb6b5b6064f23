"""`Idempotency-Key`: what is one, and which requests say the same."""

from typing import Any

import pytest

from shared.clock import utc_now
from shared.contracts.caller import ContextVerifier
from shared.http.app import build_app
from shared.http.idempotency import HEADER, KEY_PATTERN, LONGEST_KEY, fingerprint_of
from shared.http.openapi import document
from tests.support.callers import SIGNING_KEY
from tests.unit.shared.notes import ADMIN, ENDPOINTS, Handlers, answer, problem_of


@pytest.mark.parametrize("key", ["", "k" * 256, "kö", "a\tb", "\x7f"])
async def test_what_is_no_key_is_refused(key: str) -> None:
    use = Handlers()
    response = await answer("POST", "/notes", use=use, json={"text": "x"}, more={HEADER: key.encode()})
    assert problem_of(response) == (400, "invalid_idempotency_key")
    assert use.attempts == []


@pytest.mark.parametrize("key", ["1", "k" * 255, "5f0c2a6e-0f4b-7d3c", '"quoted, as some write it"', "~!{}"])
async def test_any_printable_text_is_a_key(key: str) -> None:
    use = Handlers()
    response = await answer("POST", "/notes", use=use, json={"text": "x"}, more={HEADER: key})
    assert response.status_code == 201
    [attempt] = use.attempts
    assert (attempt.key, attempt.route, attempt.caller.subject) == (key, "/notes", ADMIN.subject)


async def test_a_key_is_in_no_log() -> None:
    use = Handlers()
    await answer("POST", "/notes", use=use, json={"text": "x"}, more={HEADER: "swordfish"})
    assert "swordfish" not in repr(use.attempts)


async def test_two_keys_are_none() -> None:
    signed = {HEADER.lower(): "b"}
    response = await answer("POST", "/notes", json={"text": "x"}, more={HEADER: "a", **signed})
    assert problem_of(response) == (400, "invalid_idempotency_key")


async def test_a_body_that_does_not_fit_uses_no_key_up() -> None:
    use = Handlers()
    response = await answer("POST", "/notes", use=use, json={"text": 7}, more={HEADER: "k"})
    assert problem_of(response) == (422, "invalid_request")
    assert use.attempts == []


async def test_without_a_key_nothing_is_kept() -> None:
    use = Handlers()
    assert (await answer("POST", "/notes", use=use, json={"text": "x"})).status_code == 201
    assert use.attempts == []


async def test_where_nothing_is_created_a_key_means_nothing() -> None:
    use = Handlers()
    note = f"/notes/{ADMIN.tenant_id}"
    assert (await answer("GET", note, use=use, more={HEADER: "k" * 300})).status_code == 200
    assert use.attempts == []


def test_a_service_that_creates_has_to_keep_answers() -> None:
    with pytest.raises(TypeError, match="POST /notes creates"):
        build_app("notes", ENDPOINTS, None, verifier=ContextVerifier(SIGNING_KEY, "notes", utc_now), checks={})


@pytest.mark.parametrize("same", [b'{"b":[1,2],"a":"\xc3\xa4"}', b'{ "a": "\\u00e4",\n "b": [1, 2] }'])
def test_the_same_said_in_another_way_is_the_same(same: bytes) -> None:
    assert fingerprint_of(same) == fingerprint_of(b'{"a":"\xc3\xa4","b":[1,2]}')


@pytest.mark.parametrize("other", [b"", b'{"a":1,"b":[2,1]}', b'{"a":"1","b":[1,2]}', b'{"a":1}'])
def test_another_body_is_another(other: bytes) -> None:
    assert fingerprint_of(other) != fingerprint_of(b'{"a":1,"b":[1,2]}')


def test_the_document_offers_the_key_where_something_is_created() -> None:
    paths: Any = document("notes", ENDPOINTS)["paths"]
    write, read = paths["/notes"]["post"], paths["/notes/{note_id}"]["get"]
    [parameter] = write["parameters"]
    assert (parameter["name"], parameter["in"], parameter["required"]) == (HEADER, "header", False)
    assert parameter["schema"] == {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": KEY_PATTERN}
    assert write["responses"]["400"]["description"] == "`invalid_idempotency_key` · `malformed_body`"
    assert "`idempotency_key_reused`" in write["responses"]["422"]["description"].split(" · ")
    assert HEADER not in {each["name"] for each in read["parameters"]}
    assert "`answer_unreadable`" in write["responses"]["409"]["description"].split(" · ")
