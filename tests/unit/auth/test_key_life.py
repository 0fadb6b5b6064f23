"""When a signing key is published, when it signs, and when it is over."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
import structlog
from prometheus_client import REGISTRY

from gateway.authenticate.key_set import RENEW_SECONDS
from services.auth.domain.signing_keys import (
    PUBLISHED_AFTER,
    PUBLISHED_AHEAD,
    KeyState,
    SealedKey,
    is_due,
    over,
    signing,
    states,
    waiting,
)
from services.auth.errors.keys import SigningKeyUnreadable
from services.auth.http.internal import KEY_SET_SECONDS
from services.auth.signing_keys.ring import KeyRing
from services.auth.signing_keys.sealing import KeySealer, SigningKey
from shared.contracts import access_token
from shared.process import CannotStart

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
SEALER = KeySealer.from_secret("one secret of this installation, 8f1c2a7e9b")
BEHIND = "a signing key is sealed under a JWT_SECRET_KEY that this process does not have"
OTHER = KeySealer.from_secret("another secret of this installation, 19c0e7")


def key(kid: str, signs_from: datetime, *, made: datetime = NOW, retired: datetime | None = None) -> SealedKey:
    return SealedKey(kid, {}, b"", made, signs_from, retired)


def kids(keys: Sequence[SealedKey]) -> list[str]:
    return [each.kid for each in keys]


FORMER, NEXT = key("former", NOW - 90 * DAY), key("next", NOW)


def test_whoever_keeps_the_key_set_knows_a_key_before_it_signs() -> None:
    assert PUBLISHED_AHEAD.total_seconds() > max(KEY_SET_SECONDS, RENEW_SECONDS)


@pytest.mark.parametrize(("at", "kid"), [(NOW - MINUTE, "former"), (NOW, "next"), (NOW + DAY, "next")])
def test_a_key_signs_from_its_time_on(at: datetime, kid: str) -> None:
    assert signing([NEXT, FORMER], at).kid == kid


def test_a_key_that_is_alone_signs_even_before_its_time() -> None:
    assert signing([NEXT, key("later", NOW + MINUTE)], NOW - MINUTE).kid == "next"


def test_a_former_key_stays_until_its_last_token_has_expired() -> None:
    last = NOW + access_token.LIFETIME
    assert over([NEXT, FORMER], last) == []
    assert over([NEXT, FORMER], NOW + PUBLISHED_AFTER - timedelta(seconds=1)) == []
    assert kids(over([NEXT, FORMER], NOW + PUBLISHED_AFTER)) == ["former"]


def test_the_last_key_is_never_over() -> None:
    assert over([FORMER], NOW + 1000 * DAY) == []


def test_a_new_key_is_due_when_the_newest_is_of_age() -> None:
    keys = [key("new", NOW, made=NOW), key("old", NOW - 89 * DAY, made=NOW - 89 * DAY)]
    assert not is_due(keys, NOW + 89 * DAY, 90 * DAY)
    assert is_due(keys, NOW + 90 * DAY, 90 * DAY)
    assert is_due([], NOW, 90 * DAY)


def test_every_key_has_one_state_and_only_one_signs() -> None:
    keys = [key("next", NOW + MINUTE), key("now", NOW - DAY), FORMER, key("gone", NOW - 99 * DAY, retired=NOW - DAY)]
    assert [state for _, state in states(keys, NOW)] == list(KeyState)
    found = waiting(keys, NOW)
    assert found is not None
    assert found.kid == "next"


class TestTheRingOfAReplica:
    def test_a_key_under_a_secret_that_is_not_ours_yet_is_published_and_does_not_sign(self) -> None:
        ours, theirs = SigningKey.make(), SigningKey.make()
        ring = KeyRing(SEALER, [OTHER.seal(theirs, NOW), SEALER.seal(ours, NOW - DAY)])
        assert ring.signing(NOW).kid == ours.kid
        assert [jwk["kid"] for jwk in ring.public_jwks()] == [theirs.kid, ours.kid]

    def test_a_process_that_can_read_no_key_does_not_start(self) -> None:
        with pytest.raises(CannotStart, match="JWT_SECRET_KEY_OLD"):
            KeyRing(OTHER, [SEALER.seal(SigningKey.make(), NOW)])
        with pytest.raises(CannotStart):
            KeyRing(SEALER, [])

    def test_a_process_that_runs_goes_on_with_what_it_has_read_and_says_once_that_it_is_behind(self) -> None:
        ours = SigningKey.make()
        ring = KeyRing(SEALER, [SEALER.seal(ours, NOW)])
        anew = OTHER.seal(ours, NOW)  # before we were given the new secret
        with structlog.testing.capture_logs() as logs:
            ring.take([anew])
            ring.take([anew])
        assert [(line["event"], line["kid"]) for line in logs] == [(BEHIND, ours.kid)]
        assert ring.signing(NOW).kid == ours.kid
        ring.require(NOW)
        with pytest.raises(SigningKeyUnreadable):
            ring.require_all_open()
        assert REGISTRY.get_sample_value("signing_keys_unreadable") == 1
        ring.take([SEALER.seal(ours, NOW)])
        ring.require_all_open()
        assert REGISTRY.get_sample_value("signing_keys_unreadable") == 0

    def test_without_any_key_in_force_a_process_goes_on_with_the_last(self) -> None:
        ours = SigningKey.make()
        ring = KeyRing(SEALER, [SEALER.seal(ours, NOW)])
        with structlog.testing.capture_logs() as logs:
            ring.take([])
        assert [line["event"] for line in logs] == ["no signing key is in force"]
        assert ring.signing(NOW).kid == ours.kid

    def test_a_revoked_key_is_neither_used_nor_published_by_a_process_that_cannot_open_the_next(self) -> None:
        revoked, next_ = SigningKey.make(), SigningKey.make()
        ring = KeyRing(SEALER, [SEALER.seal(revoked, NOW)])
        ring.take([OTHER.seal(next_, NOW)])
        with pytest.raises(SigningKeyUnreadable):
            ring.signing(NOW)
        assert [jwk["kid"] for jwk in ring.public_jwks()] == [next_.kid]

    def test_a_key_that_is_gone_from_the_rows_is_gone(self) -> None:
        revoked, other = SigningKey.make(), SigningKey.make()
        ring = KeyRing(SEALER, [SEALER.seal(revoked, NOW), SEALER.seal(other, NOW - DAY)])
        ring.take([SEALER.seal(other, NOW - DAY)])
        assert ring.signing(NOW).kid == other.kid
        assert [jwk["kid"] for jwk in ring.public_jwks()] == [other.kid]
