"""Hostile tokens. Each is wrong in one way; RFC 8725 and RFC 9068 say why."""

import json
import string
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from hypothesis import given
from hypothesis import strategies as st

from gateway.authenticate.access_token import LONGEST_TOKEN, AccessTokenVerifier, Verified
from gateway.problems import Flaw, InvalidToken
from shared.clock import utc_now
from shared.contracts.caller import ContextSigner
from shared.contracts.permissions import Permission
from shared.contracts.tenancy import PLATFORM_TENANT_ID, Role
from shared.ids import new_id, new_token
from tests.support.access_tokens import DROPPED, ISSUER, Issuer, encoded, good_claims, in_tenant
from tests.support.callers import SIGNING_KEY

AUTH = Issuer()


class Keys:
    """The key set of ``AUTH``."""

    def has(self, kid: str) -> bool:
        return kid == AUTH.kid

    async def find(self, kid: str) -> EllipticCurvePublicKey | None:
        return AUTH.private.public_key() if self.has(kid) else None


A_UUID = "018f3c5e-7b1a-7c3d-9e4f-0a1b2c3d4e5f"
VERIFIER = AccessTokenVerifier(Keys(), ISSUER)


async def verify(token: str, now: datetime | None = None) -> Verified:
    return await VERIFIER.verify(token, (now or utc_now()).timestamp())


def in_seconds(seconds: int) -> int:
    return int(utc_now().timestamp()) + seconds


async def flaw_of(token: str, now: datetime | None = None) -> Flaw:
    with pytest.raises(InvalidToken) as refused:
        await verify(token, now)
    return refused.value.flaw


async def test_a_good_token_says_who_in_which_tenant_and_what_they_may() -> None:
    tenant_id, user_id, session_id = new_id(), new_id(), new_id()
    expires = in_seconds(600)
    token = AUTH.token(sub=str(user_id), sid=str(session_id), exp=expires, **in_tenant(tenant_id, Role.HR))
    verified = await verify(token)
    caller = verified.caller
    assert (caller.subject, caller.tenant_id, caller.session_id) == (user_id, tenant_id, session_id)
    assert caller.permissions == {Permission.USERS_READ, Permission.INVITATIONS_MANAGE}
    assert (verified.expires, verified.kid) == (expires, AUTH.kid)


async def test_permissions_come_from_the_role_and_never_from_the_token() -> None:
    token = AUTH.token(permissions=["platform:operate"], scope="platform:operate", **in_tenant(new_id(), Role.MEMBER))
    assert (await verify(token)).caller.permissions == {Permission.USERS_READ}


async def test_operating_takes_the_platform_tenant() -> None:
    platform, other = in_tenant(PLATFORM_TENANT_ID, Role.OWNER), in_tenant(new_id(), Role.OWNER)
    assert Permission.PLATFORM_OPERATE in (await verify(AUTH.token(**platform))).caller.permissions
    assert Permission.PLATFORM_OPERATE not in (await verify(AUTH.token(**other))).caller.permissions


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", "", None, 0, [], {}, DROPPED])
async def test_a_token_without_a_signature_is_nothing(alg: Any) -> None:
    """CVE-2022-29165: no letter case of it, with or without something in the place of the signature."""
    signed = AUTH.token({"alg": alg})
    assert await flaw_of(signed) is Flaw.ALGORITHM
    unsigned = signed.rpartition(".")[0]
    for ending in ("", ".", "..", ".AA"):
        assert await flaw_of(unsigned + ending) in (Flaw.ALGORITHM, Flaw.MALFORMED)


PUBLIC = {"pem": AUTH.public_pem, "trimmed": AUTH.public_pem.strip(), "jwk": json.dumps(AUTH.public_jwk).encode()}


@pytest.mark.parametrize("form", PUBLIC)
@pytest.mark.parametrize("alg", ["HS256", "HS384", "HS512"])
async def test_the_public_key_is_no_shared_secret(form: str, alg: str) -> None:
    """CVE-2022-29217: the algorithm is ours to choose, not the token's."""
    algorithm = jwt.algorithms.get_default_algorithms()[alg]
    head = encoded(json.dumps(AUTH.header | {"alg": alg}).encode())
    signing_input = f"{head}.{encoded(json.dumps(good_claims()).encode())}"
    token = f"{signing_input}.{encoded(algorithm.sign(signing_input.encode(), PUBLIC[form]))}"
    assert await flaw_of(token) is Flaw.ALGORITHM


@pytest.mark.parametrize("alg", ["ES384", "ES512", "ES256K", "RS256", "PS256", "EdDSA", "es256", "ES256 "])
async def test_one_algorithm_is_enough(alg: str) -> None:
    assert await flaw_of(AUTH.token({"alg": alg})) is Flaw.ALGORITHM


@pytest.mark.parametrize("crit", [["exp"], ["b64"], ["http://x"], [], "exp", None, 0, {"a": 1}])
async def test_an_extension_that_must_be_understood_is_not(crit: Any) -> None:
    """CVE-2026-32597."""
    assert await flaw_of(AUTH.token({"crit": crit, "exp": 1})) is Flaw.CRITICAL


async def test_a_detached_payload_is_not_taken() -> None:
    assert await flaw_of(AUTH.token({"b64": False, "crit": ["b64"]})) is Flaw.CRITICAL
    assert await flaw_of(AUTH.token({"b64": False})) is Flaw.CRITICAL


@pytest.mark.parametrize(
    "aud", [DROPPED, None, "", "other", "SparkNode", "sparknode ", ["sparknode"], ["sparknode", "x"], [], {}, 0, True]
)
async def test_a_token_for_somebody_else_is_not_for_us(aud: Any) -> None:
    """CVE-2023-22482: missing, wrong, or a list, be the right one among them."""
    assert await flaw_of(AUTH.token(aud=aud)) is Flaw.AUDIENCE


@pytest.mark.parametrize("iss", [DROPPED, None, "", ISSUER + "/", "https://evil.example", [ISSUER], {}, 1])
async def test_a_token_of_another_issuer_is_not_taken(iss: Any) -> None:
    assert await flaw_of(AUTH.token(iss=iss)) is Flaw.ISSUER


@pytest.mark.parametrize(
    "typ", [DROPPED, None, "JWT", "jwt", "ctx+jwt", "at+JWT", "application/at+jwt", "", 1, ["at+jwt"]]
)
async def test_only_access_tokens_are_access_tokens(typ: Any) -> None:
    """CVE-2023-48309: the type keeps every other JWT out."""
    assert await flaw_of(AUTH.token({"typ": typ})) is Flaw.TYPE


async def test_what_else_we_hand_out_is_no_access_token() -> None:
    """CVE-2023-48309: refresh, invite, reset and verify tokens are no JWT; a caller context is another kind."""
    assert await flaw_of(new_token()) is Flaw.MALFORMED
    assert await flaw_of("snk_0123456789") is Flaw.MALFORMED
    context = ContextSigner(SIGNING_KEY, "gateway", utc_now).for_peer("auth")
    assert await flaw_of(context) is Flaw.ALGORITHM


@pytest.mark.parametrize("exp", [DROPPED, None, "9999999999", 9999999999.5, True, [9999999999], {}])
async def test_a_token_without_an_end_never_begins(exp: Any) -> None:
    """GHSA-wxg7-w2v3-w38g."""
    assert await flaw_of(AUTH.token(exp=exp)) is Flaw.CLAIMS


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
async def test_no_number_is_no_time(name: str, word: str) -> None:
    """GHSA-wxg7-w2v3-w38g: every comparison with NaN is false, and so passes for "not expired"."""
    assert await flaw_of(AUTH.token(**{name: float(word.lower())})) is Flaw.MALFORMED


@pytest.mark.parametrize("name", ["iat", "nbf"])
async def test_a_token_from_the_future_is_not_taken(name: str) -> None:
    """GHSA-wxg7-w2v3-w38g; the issuer's clock may be ahead by a few seconds, no more."""
    assert await flaw_of(AUTH.token(**{name: in_seconds(60)})) is Flaw.NOT_YET_VALID
    await verify(AUTH.token(**{name: in_seconds(2)}))


@pytest.mark.parametrize("time", [None, "0", 1.5, False, [0], {}])
@pytest.mark.parametrize("name", ["iat", "nbf"])
async def test_times_are_whole_numbers(name: str, time: Any) -> None:
    assert await flaw_of(AUTH.token(**{name: time})) is Flaw.CLAIMS


async def test_a_token_is_dead_in_the_second_in_which_it_expires() -> None:
    expires = in_seconds(600)
    token, end = AUTH.token(exp=expires), datetime.fromtimestamp(expires, UTC)
    await verify(token, end - timedelta(milliseconds=1))
    assert await flaw_of(token, end) is Flaw.EXPIRED
    assert await flaw_of(token, end + timedelta(hours=1)) is Flaw.EXPIRED


@pytest.mark.parametrize("time", [-1, 0, 1])
async def test_ancient_tokens_are_expired(time: int) -> None:
    assert await flaw_of(AUTH.token(exp=time)) is Flaw.EXPIRED


@pytest.mark.parametrize(
    "value", [DROPPED, None, "", 1, [], {}, True, "x", "{" + A_UUID + "}", A_UUID.replace("-", "")]
)
@pytest.mark.parametrize("name", ["sub", "tenant_id", "sid"])
async def test_ids_are_uuids_in_their_one_spelling(name: str, value: Any) -> None:
    assert await flaw_of(AUTH.token(**{name: value})) is Flaw.CLAIMS


async def test_an_upper_case_id_is_another_spelling() -> None:
    assert await flaw_of(AUTH.token(tenant_id=A_UUID.upper())) is Flaw.CLAIMS


@pytest.mark.parametrize("role", [DROPPED, None, "", "Owner", "operator", "root", 1, ["owner"], {"owner": 1}])
async def test_a_role_that_we_do_not_know_is_none(role: Any) -> None:
    assert await flaw_of(AUTH.token(role=role)) is Flaw.CLAIMS


@pytest.mark.parametrize("value", [DROPPED, None, "", 1, [], {}])
@pytest.mark.parametrize("name", ["client_id", "jti"])
async def test_every_claim_of_rfc_9068_is_there(name: str, value: Any) -> None:
    assert await flaw_of(AUTH.token(**{name: value})) is Flaw.CLAIMS


@pytest.mark.parametrize("kid", ["other", "", "../../dev/null", "' OR 1=1 --", "x" * 5000])
async def test_a_key_that_the_issuer_does_not_have_opens_nothing(kid: str) -> None:
    assert await flaw_of(AUTH.token({"kid": kid})) is Flaw.UNKNOWN_KEY


@pytest.mark.parametrize("kid", [DROPPED, None, 1, ["key-1"], {"key-1": 1}])
async def test_a_token_names_its_key(kid: Any) -> None:
    assert await flaw_of(AUTH.token({"kid": kid})) is Flaw.MALFORMED


async def test_a_key_that_the_token_brings_along_is_not_looked_at() -> None:
    stranger = Issuer(kid=AUTH.kid)
    assert await flaw_of(stranger.token({"jwk": stranger.public_jwk})) is Flaw.SIGNATURE
    assert await flaw_of(stranger.token({"jku": "http://evil.example", "x5u": "http://evil.example"})) is Flaw.SIGNATURE


async def test_every_changed_byte_is_noticed() -> None:
    token = AUTH.token()
    for position in range(0, len(token), 7):
        changed = "A" if token[position] != "A" else "B"
        with pytest.raises(InvalidToken):
            await verify(token[:position] + changed + token[position + 1 :])


async def test_a_signature_has_one_spelling() -> None:
    """RFC 4648, section 3.5: the last letter has four bits to spare, in which another token could hide."""
    token = AUTH.token()
    letters = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
    same = letters.index(token[-1])
    for spare in range(1, 16):
        assert await flaw_of(token[:-1] + letters[same + spare]) is Flaw.SIGNATURE


@pytest.mark.parametrize("ending", ["=", "==", ".", ".e30", " ", "\n", "\x00"])
async def test_nothing_may_follow(ending: str) -> None:
    assert await flaw_of(AUTH.token() + ending) is Flaw.MALFORMED


@pytest.mark.parametrize("payload", [b"", b"null", b"[]", b'"x"', b"1", b"{", b"\xff", b"[" * 3000, b'{"a":' * 1000])
async def test_a_signed_payload_that_is_no_object_is_malformed(payload: bytes) -> None:
    assert await flaw_of(AUTH.signed(payload)) is Flaw.MALFORMED


@pytest.mark.parametrize("header", [b"", b"null", b"[]", b"1", b"{", b"\xff\xfe", b"[" * 3000, b'{"a":' * 900, b"{}"])
async def test_a_header_that_is_no_object_is_malformed(header: bytes) -> None:
    assert await flaw_of(f"{encoded(header)}.e30.AA") in (Flaw.MALFORMED, Flaw.ALGORITHM)


async def test_a_token_that_is_too_long_is_not_even_read() -> None:
    assert await flaw_of(AUTH.token(padding="x" * LONGEST_TOKEN)) is Flaw.MALFORMED


@given(st.text(max_size=300) | st.from_regex(r"[A-Za-z0-9_-]{0,80}(\.[A-Za-z0-9_-]{0,80}){0,4}", fullmatch=True))
async def test_garbage_is_refused_and_nothing_worse(token: str) -> None:
    """GHSA-xmf8-cvqr-rfgj."""
    with pytest.raises(InvalidToken):
        await verify(token)


@given(
    st.dictionaries(st.sampled_from(["alg", "typ", "kid", "crit", "b64", "x"]), st.none() | st.text() | st.integers())
)
async def test_no_header_gets_a_foreign_signature_through(header: dict[str, Any]) -> None:
    with pytest.raises(InvalidToken):
        await verify(Issuer(kid=AUTH.kid, private=STRANGER.private).token(header))


STRANGER = Issuer()
