"""Identifiers and tokens."""

import time
from datetime import UTC, datetime
from uuid import RFC_4122, UUID

from shared.ids import new_id, new_id_text, new_token, token_hash


def test_ids_are_version_7_and_ordered_by_time() -> None:
    first = new_id()
    time.sleep(0.002)
    second = new_id()
    assert first.version == second.version == 7
    assert first.variant == "specified in RFC 4122"
    assert first < second


def test_an_id_begins_with_the_milliseconds_of_its_making() -> None:
    made = datetime.fromtimestamp((new_id().int >> 80) / 1000, UTC)
    assert abs((datetime.now(UTC) - made).total_seconds()) < 5


def test_an_id_that_is_made_as_text_is_like_any_other() -> None:
    made = [UUID(text) for text in (new_id_text() for _ in range(10_000))]
    assert {(each.version, each.variant) for each in made} == {(7, RFC_4122)}
    assert len(set(made)) == len(made)
    assert abs((made[0].int >> 80) - (new_id().int >> 80)) < 5000


def test_ids_and_tokens_do_not_repeat() -> None:
    assert len({new_id() for _ in range(10_000)}) == 10_000
    assert len({new_token() for _ in range(1_000)}) == 1_000


def test_a_token_has_256_bits_and_is_stored_as_a_hash_only() -> None:
    token = new_token()
    assert len(token) == 43  # 32 bytes in base64 without padding
    assert len(token_hash(token)) == 32
    assert token.encode() not in token_hash(token)
