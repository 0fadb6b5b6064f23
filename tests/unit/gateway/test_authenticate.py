"""From the Authorization header to a caller, and for how long that is remembered."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from hypothesis import given
from hypothesis import strategies as st

from gateway.authenticate.access_token import AccessTokenVerifier
from gateway.authenticate.authenticator import Authenticator, TokenCache
from gateway.problems import Flaw, InvalidToken
from gateway.request import Request
from shared.clock import utc_now
from shared.contracts.caller import Caller
from shared.errors import Unauthenticated
from tests.support.access_tokens import ISSUER, Issuer
from tests.support.api_keys import Known, a_key, api_keys

AUTH = Issuer()


class Keys:
    """A key set that counts how often it is asked, and may lose its key."""

    def __init__(self) -> None:
        self.asked = 0
        self.lost = False

    def has(self, kid: str) -> bool:
        return kid == AUTH.kid and not self.lost

    async def find(self, kid: str) -> EllipticCurvePublicKey | None:
        self.asked += 1
        return AUTH.private.public_key() if self.has(kid) else None


class Door:
    """An authenticator with everything that a test may turn."""

    def __init__(self, size: int = 100) -> None:
        self.now = utc_now()
        self.keys = Keys()
        self.api_keys = Known()
        self._authenticator = Authenticator(
            AccessTokenVerifier(self.keys, ISSUER), api_keys(self.api_keys), self._seconds, TokenCache(size)
        )

    def _seconds(self) -> float:
        return self.now.timestamp()

    async def open(self, *credentials: bytes, optional: bool = False) -> Caller | None:
        headers = [(b"authorization", value) for value in credentials]
        request = Request("GET", "/x", b"/x", headers, "192.0.2.1")
        guard = self._authenticator
        known = guard.remembered(request) or await guard.identify(request, optional=optional)
        return known.caller if known else None


def bearer(token: str) -> bytes:
    return b"Bearer " + token.encode()


async def test_a_good_token_is_somebody() -> None:
    assert isinstance(await Door().open(bearer(AUTH.token())), Caller)


@pytest.mark.parametrize("scheme", [b"Bearer ", b"bearer ", b"BEARER ", b"Bearer   "])
async def test_the_scheme_may_be_spelled_as_http_allows(scheme: bytes) -> None:
    assert await Door().open(scheme + AUTH.token().encode())


async def test_nobody_is_asked_to_sign_in() -> None:
    with pytest.raises(Unauthenticated) as refused:
        await Door().open()
    assert refused.value.code == "unauthenticated"


async def test_where_a_token_is_optional_a_bad_one_is_still_refused() -> None:
    door = Door()
    assert await door.open(optional=True) is None
    assert await door.open(bearer(AUTH.token()), optional=True)
    with pytest.raises(InvalidToken):
        await door.open(b"Bearer stale", optional=True)


@pytest.mark.parametrize("known_already", [False, True])
async def test_two_headers_are_one_too_many_even_if_both_are_good(known_already: bool) -> None:
    door, token = Door(), bearer(AUTH.token())
    if known_already:
        await door.open(token)
    with pytest.raises(InvalidToken) as refused:
        await door.open(token, token)
    assert refused.value.flaw is Flaw.SEVERAL_HEADERS


def malformed() -> list[bytes]:
    """A thousand Authorization values and more, of every shape that was ever seen in the wild, and then some."""
    token = AUTH.token().encode()
    head, payload, signature = token.split(b".")
    words = [
        b"",
        b" ",
        b"\t",
        b"null",
        b"undefined",
        b"true",
        b"{}",
        b"[]",
        b"0",
        b"-1",
        b"\x00",
        b"\xff",
        b"%00",
        b"...",
    ]
    schemes = [
        b"",
        b"Bearer",
        b"bearer",
        b"Basic ",
        b"Digest ",
        b"Negotiate ",
        b"Token ",
        b"JWT ",
        b"Bearer:",
        b"Bearer=",
    ]
    schemes += [b"Bearer\t", b"Bearer\xa0", b"Bearer,", b"Bearer Bearer ", b"DPoP ", b"B\xc3\xa9arer ", b"\x00Bearer "]
    bodies = [token, token + b"," + token, token[:-1], b"." + token, token + b".", head, head + b"." + payload]
    bodies += [head + b"." + payload + b".", b".." + signature, b"a.b.c", b"a.b", b"a.b.c.d", b"a.b.c.d.e", b"." * 100]
    bodies += [b'"' + token + b'"', token + b" x", token + b";x", token + b"\r\nX: y", token + b"\x00", *words]
    bodies += [size * b"A" for size in (1, 2, 3, 4, 1000, 9000)]
    cut = [b"Bearer " + token[:end] for end in range(0, len(token), 2)]
    doubled = [b"Bearer " + token[:at] + b"." + token[at:] for at in range(0, len(token), 3)]
    return [scheme + body for scheme in schemes for body in bodies if scheme.strip()] + bodies + cut + doubled


async def test_a_thousand_malformed_headers_are_a_thousand_refusals() -> None:
    """GHSA-xmf8-cvqr-rfgj, CVE-2024-47070: denied, never let through, never an error of ours."""
    door, values = Door(), malformed()
    assert len(values) >= 1000
    for value in values:
        with pytest.raises(InvalidToken):
            await door.open(value)


@given(st.binary(max_size=200))
async def test_whatever_else_comes_is_refused_too(value: bytes) -> None:
    with pytest.raises(InvalidToken):
        await Door().open(value)


async def test_an_api_key_comes_the_same_way() -> None:
    door = Door()
    key = door.api_keys.add()
    caller = await door.open(bearer(key.text))
    assert caller
    assert caller.key_id == key.id
    with pytest.raises(InvalidToken):
        await door.open(bearer(a_key().text))
    assert door.keys.asked == 0


async def test_a_token_is_checked_once() -> None:
    door, token = Door(), bearer(AUTH.token())
    assert await door.open(token) is await door.open(token)
    assert door.keys.asked == 1


async def test_the_memory_of_a_token_ends_with_it() -> None:
    door = Door()
    end = int(door.now.timestamp()) + 600
    token = bearer(AUTH.token(exp=end))
    await door.open(token)
    door.now = datetime.fromtimestamp(end, UTC)
    with pytest.raises(InvalidToken) as refused:
        await door.open(token)
    assert refused.value.flaw is Flaw.EXPIRED


async def test_the_memory_of_a_token_ends_with_its_key() -> None:
    door, token = Door(), bearer(AUTH.token())
    await door.open(token)
    door.keys.lost = True
    with pytest.raises(InvalidToken) as refused:
        await door.open(token)
    assert refused.value.flaw is Flaw.UNKNOWN_KEY


async def test_the_memory_is_bounded_and_garbage_does_not_get_into_it() -> None:
    door = Door(size=3)
    tokens = [bearer(AUTH.token()) for _ in range(4)]
    for token in tokens:
        await door.open(token)
    for _ in range(100):
        with pytest.raises(InvalidToken):
            await door.open(b"Bearer a.b.c")
    for token in tokens[1:]:
        await door.open(token)
    assert door.keys.asked == 4
    await door.open(tokens[0])
    assert door.keys.asked == 5


async def test_who_comes_often_is_not_forgotten_for_those_who_came_later() -> None:
    door = Door(size=3)
    often, *others = [bearer(AUTH.token()) for _ in range(6)]
    for token in others:
        await door.open(often)
        await door.open(token)
    assert door.keys.asked == 6
    await door.open(b"bearer" + often[6:])
    assert door.keys.asked == 6


async def test_two_tokens_of_one_person_are_two() -> None:
    """CVE-2024-45624: what is remembered is keyed by the whole token, tenant and all."""
    door = Door()
    mine, other = [bearer(AUTH.token()) for _ in range(2)]
    first, second = await door.open(mine), await door.open(other)
    assert first
    assert second
    assert first.tenant_id != second.tenant_id


async def test_expiry_is_measured_with_our_own_clock() -> None:
    door = Door()
    door.now += timedelta(hours=1)
    with pytest.raises(InvalidToken):
        await door.open(bearer(AUTH.token()))
