"""The keys of an installation: made once, sealed, published."""

import asyncio
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from services.auth.signing_keys.keeping import KeyKeeping
from services.auth.signing_keys.ring import KeyRing
from services.auth.signing_keys.sealing import KeySealer, SigningKey
from shared.clock import Clock, utc_now
from shared.contracts import access_token
from shared.database import Database
from shared.process import CannotStart
from tests.integration.auth.sessions.desk import JWT_SECRET, PUBLIC_URL, Desk, done, serving
from tests.support.databases import DatabaseUrls


async def open_signing_keys(database: Database, secret: str, clock: Clock) -> list[SigningKey]:
    """As a process does that starts."""
    sealer = KeySealer.from_secret(secret)
    rows = await KeyKeeping(database, sealer, clock).begin()
    KeyRing(sealer, rows)
    return [sealer.unseal(row) for row in rows]


async def test_replicas_that_start_together_agree_on_one_key(database: Database) -> None:
    started = await asyncio.gather(*(open_signing_keys(database, JWT_SECRET, utc_now) for _ in range(8)))
    assert len({key.kid for keys in started for key in keys}) == 1


async def test_a_restart_goes_on_with_the_same_key(database: Database) -> None:
    [before] = await open_signing_keys(database, JWT_SECRET, utc_now)
    [after] = await open_signing_keys(database, JWT_SECRET, utc_now)
    assert after.kid == before.kid


async def test_the_wrong_secret_is_told_in_a_sentence(database: Database) -> None:
    await open_signing_keys(database, JWT_SECRET, utc_now)
    with pytest.raises(CannotStart, match="JWT_SECRET_KEY is not the one") as refusal:
        await open_signing_keys(database, "another secret, as long as it has to be", utc_now)
    assert "another secret" not in str(refusal.value)


async def test_a_dump_of_the_database_cannot_sign(desk: Desk, database: Database) -> None:
    """CVE-2017-18917"""
    [key] = await open_signing_keys(database, JWT_SECRET, utc_now)
    [row] = await desk.rows("SELECT t::text AS text FROM signing_keys AS t")
    scalar = key.private.private_numbers().private_value.to_bytes(32, "big")
    der = key.private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    assert scalar.hex() not in row["text"]
    assert der.hex() not in row["text"]


async def test_the_published_keys_verify_the_tokens_and_may_be_cached(desk: Desk) -> None:
    await desk.person("ann@company.com", await desk.tenant("company"))
    session = await desk.session("ann@company.com")
    answer = await desk.http.get("/.well-known/jwks.json")  # without any context
    [key] = done(answer)["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    assert answer.headers["cache-control"] == "public, max-age=300"
    decoded = jwt.decode_complete(
        session["access_token"], jwt.PyJWK(key), ["ES256"], audience=access_token.AUDIENCE, issuer=PUBLIC_URL
    )
    assert decoded["header"] == {"alg": "ES256", "typ": "at+jwt", "kid": key["kid"]}
    assert decoded["payload"]["exp"] - decoded["payload"]["iat"] == 600


async def test_one_replica_verifies_what_another_signed(desk: Desk, urls: DatabaseUrls, tmp_path: Path) -> None:
    async def kids(of: Desk) -> list[Any]:
        return [key["kid"] for key in done(await of.http.get("/.well-known/jwks.json"))["keys"]]

    async with serving(urls, tmp_path) as replica:
        assert await kids(replica) == await kids(desk)


async def test_a_retired_key_is_neither_used_nor_published(database: Database, desk: Desk) -> None:
    [former] = await open_signing_keys(database, JWT_SECRET, utc_now)
    await desk.rows("UPDATE signing_keys SET retired_at = now()")
    [new] = await open_signing_keys(database, JWT_SECRET, utc_now)
    assert new.kid != former.kid
