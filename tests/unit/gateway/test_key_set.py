"""The public keys: fetched, renewed, kept."""

import asyncio
from typing import Any

import pytest

from gateway.authenticate.key_set import RENEW_SECONDS, RETRY_SECONDS, SHORTEST_GAP_SECONDS, KeyDocument, KeySet
from gateway.problems import ServiceUnavailable
from shared.http.peer import PeerUnavailable
from tests.support.access_tokens import Issuer

FIRST, SECOND = Issuer("first"), Issuer("second")


class Auth:
    """Answers with its keys, or not at all; counts."""

    def __init__(self, *keys: dict[str, Any]) -> None:
        self.keys = list(keys)
        self.down = False
        self.asked = 0
        self.now = 0.0
        self.pauses: list[float] = []
        self.key_set = KeySet(self.answer, lambda: self.now, self.sleep)

    async def answer(self) -> KeyDocument:
        self.asked += 1
        if self.down:
            raise PeerUnavailable
        return KeyDocument(keys=self.keys)

    async def sleep(self, seconds: float) -> None:
        """Auth is away in the first pause and back after the second; after the third it is enough."""
        self.pauses.append(seconds)
        self.down = len(self.pauses) == 1
        if len(self.pauses) == 3:
            raise asyncio.CancelledError


async def test_keys_are_renewed_ahead_of_time_and_sooner_where_that_failed() -> None:
    auth = Auth(FIRST.public_jwk)
    with pytest.raises(asyncio.CancelledError):
        await auth.key_set.run()
    assert auth.asked == 3
    assert auth.pauses == [RENEW_SECONDS, RETRY_SECONDS, RENEW_SECONDS]
    assert RETRY_SECONDS < RENEW_SECONDS <= 5  # what operations.md says of a key that was revoked


async def test_keys_are_fetched_when_the_first_is_needed() -> None:
    auth = Auth(FIRST.public_jwk)
    found = await auth.key_set.find("first")
    assert found is not None
    assert found.public_numbers() == FIRST.private.public_key().public_numbers()
    assert auth.key_set.has("first")


async def test_without_any_keys_nothing_is_known_of_any_token() -> None:
    """GHSA-xmf8-cvqr-rfgj: key set unreachable means 503, never 200, and not 401 either."""
    auth = Auth()
    auth.down = True
    with pytest.raises(ServiceUnavailable):
        await auth.key_set.find("first")
    with pytest.raises(ServiceUnavailable):
        await auth.key_set.ready()


async def test_an_outage_of_auth_takes_no_key_away() -> None:
    auth = Auth(FIRST.public_jwk)
    await auth.key_set.refresh()
    auth.down = True
    assert not await auth.key_set.refresh()
    assert await auth.key_set.find("first")
    await auth.key_set.ready()


async def test_a_new_key_is_found_as_soon_as_a_token_names_it() -> None:
    auth = Auth(FIRST.public_jwk)
    await auth.key_set.refresh()
    auth.keys.append(SECOND.public_jwk)
    assert await auth.key_set.find("second")


async def test_made_up_key_ids_do_not_make_us_hammer_auth() -> None:
    auth = Auth(FIRST.public_jwk)
    for number in range(1000):
        assert await auth.key_set.find(f"made-up-{number}") is None
    assert auth.asked == 1
    auth.now += SHORTEST_GAP_SECONDS
    await auth.key_set.find("made-up")
    assert auth.asked == 2


async def test_a_key_that_is_gone_is_gone() -> None:
    auth = Auth(FIRST.public_jwk, SECOND.public_jwk)
    await auth.key_set.refresh()
    auth.keys.pop(0)
    await auth.key_set.refresh()
    assert not auth.key_set.has("first")


async def test_an_answer_that_was_given_earlier_and_comes_later_brings_no_key_back() -> None:
    answers = [KeyDocument(keys=[FIRST.public_jwk, SECOND.public_jwk]), KeyDocument(keys=[SECOND.public_jwk])]
    slow = asyncio.Event()

    async def answer() -> KeyDocument:
        given = answers.pop(0)
        if answers:
            await slow.wait()
        return given

    key_set = KeySet(answer)
    looks = [asyncio.create_task(key_set.refresh()), asyncio.create_task(key_set.find("second"))]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    slow.set()
    await asyncio.gather(*looks)
    assert key_set.has("second")
    assert not key_set.has("first")


@pytest.mark.parametrize("keys", [[], [{}], [{"kty": "oct", "k": "AAAA", "kid": "first"}]])
async def test_an_answer_without_a_usable_key_changes_nothing(keys: list[dict[str, Any]]) -> None:
    auth = Auth(FIRST.public_jwk)
    await auth.key_set.refresh()
    auth.keys = keys
    assert not await auth.key_set.refresh()
    assert auth.key_set.has("first")


@pytest.mark.parametrize(
    "change",
    [
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "RSA"},
        {"crv": "P-384"},
        {"crv": "secp256k1"},
        {"use": "enc"},
        {"alg": "ES384"},
        {"alg": "HS256"},
        {"kid": None},
        {"kid": 1},
        {"x": "AAAA"},
        {"x": None},
        {"y": "!"},
        {"y": ""},
    ],
)
async def test_a_key_that_our_tokens_cannot_have_been_signed_with_is_passed_over(change: dict[str, Any]) -> None:
    auth = Auth(SECOND.public_jwk | change, FIRST.public_jwk)
    assert await auth.key_set.refresh()
    assert auth.key_set.has("first")
    assert not auth.key_set.has("second")
