"""Signing keys, how they are sealed, and the tokens that they sign."""

import base64
import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt
import pytest

from services.auth.signing_keys.access_tokens import AccessTokenSigner
from services.auth.signing_keys.ring import KeyRing
from services.auth.signing_keys.sealing import KeySealer, SigningKey
from shared.contracts import access_token
from shared.contracts.tenancy import Role
from shared.ids import new_id
from shared.sealing import Unreadable

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRET = "one secret of this installation, 8f1c2a7e9b"
ISSUER = "https://id.example"


def signer_of(*keys: SigningKey) -> AccessTokenSigner:
    """Signs with the first of ``keys``."""
    sealer = KeySealer.from_secret(SECRET)
    rows = [sealer.seal(key, NOW - timedelta(days=days)) for days, key in enumerate(keys)]
    return AccessTokenSigner(KeyRing(sealer, rows), ISSUER, lambda: NOW)


@pytest.fixture(scope="module")
def key() -> SigningKey:
    return SigningKey.make()


def test_the_key_id_is_the_thumbprint_of_rfc_7638(key: SigningKey) -> None:
    members = {name: key.public_jwk[name] for name in ("crv", "kty", "x", "y")}
    digest = hashlib.sha256(json.dumps(members, separators=(",", ":")).encode()).digest()
    assert key.kid == base64.urlsafe_b64encode(digest).decode().rstrip("=")


def test_the_public_half_has_nothing_of_the_private_one(key: SigningKey) -> None:
    assert set(key.public_jwk) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    assert "private" not in repr(key)


def test_coordinates_have_their_full_length() -> None:
    for _ in range(300):  # one in 256 begins with a zero byte
        jwk = SigningKey.make().public_jwk
        assert {len(jwk["x"]), len(jwk["y"])} == {43}


def test_a_sealed_key_comes_back_the_same(key: SigningKey) -> None:
    row = KeySealer.from_secret(SECRET).seal(key, NOW)
    again = KeySealer.from_secret(SECRET).unseal(row)
    assert again.kid == key.kid
    assert again.private.private_numbers() == key.private.private_numbers()


def test_another_secret_opens_nothing(key: SigningKey) -> None:
    row = KeySealer.from_secret(SECRET).seal(key, NOW)
    with pytest.raises(Unreadable):
        KeySealer.from_secret(SECRET + "!").unseal(row)


def test_a_sealed_key_is_bound_to_its_row(key: SigningKey) -> None:
    sealer = KeySealer.from_secret(SECRET)
    row = sealer.seal(key, NOW)
    with pytest.raises(Unreadable):
        sealer.unseal(replace(row, kid=SigningKey.make().kid))


def test_the_former_secret_opens_beside_the_new_one_until_the_key_is_sealed_anew(key: SigningKey) -> None:
    row, both = KeySealer.from_secret(SECRET).seal(key, NOW), KeySealer.from_secret(SECRET + "!", SECRET)
    assert both.unseal(row).kid == key.kid
    anew, new = both.seal_anew(row), KeySealer.from_secret(SECRET + "!")
    assert new.unseal(anew).private.private_numbers() == key.private.private_numbers()
    assert replace(anew, private_sealed=b"") == replace(row, private_sealed=b"")
    assert KeySealer.from_secret(SECRET).seal(key, NOW).private_sealed != anew.private_sealed


@pytest.mark.parametrize("position", [0, 12, 60, -1])
def test_a_sealed_key_that_was_touched_is_unreadable(key: SigningKey, position: int) -> None:
    sealer = KeySealer.from_secret(SECRET)
    row = sealer.seal(key, NOW)
    touched = bytearray(row.private_sealed)
    touched[position] ^= 1
    with pytest.raises(Unreadable):
        sealer.unseal(replace(row, private_sealed=bytes(touched)))


def test_a_sealed_key_shows_nothing_of_the_key(key: SigningKey) -> None:
    row = KeySealer.from_secret(SECRET).seal(key, NOW)
    secret = key.private.private_numbers().private_value.to_bytes(32, "big")
    assert secret not in row.private_sealed
    assert repr(row.private_sealed) not in repr(row)


def test_an_access_token_says_what_rfc_9068_asks_for(key: SigningKey) -> None:
    user_id, tenant_id, session_id = new_id(), new_id(), new_id()
    signer = signer_of(key)
    token = signer.sign(user_id=user_id, tenant_id=tenant_id, role=Role.HR, session_id=session_id)
    decoded = jwt.decode_complete(
        token,
        jwt.PyJWK(signer.key_set()[0]),
        algorithms=["ES256"],
        audience=access_token.AUDIENCE,
        issuer=ISSUER,
        options={"verify_exp": False, "verify_iat": False},
    )
    claims = decoded["payload"]
    assert decoded["header"] == {"alg": "ES256", "typ": "at+jwt", "kid": key.kid}
    assert set(claims) == set(access_token.CLAIMS)
    assert claims["sub"] == str(user_id)
    assert claims["tenant_id"] == str(tenant_id)
    assert claims["sid"] == str(session_id)
    assert claims["role"] == "hr"
    assert claims["iat"] == NOW.timestamp()
    assert claims["exp"] == (NOW + timedelta(seconds=600)).timestamp()
    assert UUID(claims["jti"]).version == 7


def test_no_two_access_tokens_are_the_same_one(key: SigningKey) -> None:
    signer = signer_of(key)
    who = {"user_id": new_id(), "tenant_id": new_id(), "session_id": new_id()}
    assert signer.sign(**who, role=Role.HR) != signer.sign(**who, role=Role.HR)


def test_the_newest_key_signs_and_all_are_published(key: SigningKey) -> None:
    newest = SigningKey.make()
    signer = signer_of(newest, key)
    token = signer.sign(user_id=new_id(), tenant_id=new_id(), role=Role.HR, session_id=new_id())
    assert jwt.get_unverified_header(token)["kid"] == newest.kid
    assert [jwk["kid"] for jwk in signer.key_set()] == [newest.kid, key.kid]
