"""The table of signing keys. They belong to the installation, not to a tenant."""

from collections.abc import Sequence
from datetime import datetime

from services.auth.domain.signing_keys import SealedKey
from shared.database import Transaction

MOST_LISTED = 100

_COLUMNS = "kid, public_jwk, private_sealed, created_at, coalesce(signs_from, created_at) AS signs_from, retired_at"
_TAKE_TURNS = "SELECT pg_advisory_xact_lock(hashtext('auth signing keys'))"
_IN_FORCE = f"SELECT {_COLUMNS} FROM signing_keys WHERE retired_at IS NULL ORDER BY created_at DESC, kid"  # noqa: S608
_NEWEST = f"SELECT {_COLUMNS} FROM signing_keys ORDER BY created_at DESC, kid LIMIT $1"  # noqa: S608 - a constant
_ADD = "INSERT INTO signing_keys (kid, public_jwk, private_sealed, created_at, signs_from) VALUES ($1, $2, $3, $4, $5)"
_SIGN_FROM = "UPDATE signing_keys SET signs_from = $2 WHERE kid = $1"
_SEAL = "UPDATE signing_keys SET private_sealed = $2 WHERE kid = $1"
# Whatever becomes of the secret later: this key will never sign again.
_RETIRE = "UPDATE signing_keys SET retired_at = $2, private_sealed = '' WHERE kid = ANY($1) AND retired_at IS NULL"


async def take_turns(tx: Transaction) -> None:
    """Wait until nobody else changes keys, and keep others waiting until the transaction ends."""
    await tx.execute(_TAKE_TURNS)


async def in_force(tx: Transaction) -> list[SealedKey]:
    """The keys that were not retired, newest first."""
    return [SealedKey(**row) for row in await tx.fetch(_IN_FORCE)]


async def newest(tx: Transaction) -> list[SealedKey]:
    """The newest hundred, retired ones among them."""
    return [SealedKey(**row) for row in await tx.fetch(_NEWEST, MOST_LISTED)]


async def add(tx: Transaction, key: SealedKey) -> None:
    """Store a new key."""
    await tx.execute(_ADD, key.kid, key.public_jwk, key.private_sealed, key.created_at, key.signs_from)


async def sign_from(tx: Transaction, kid: str, at: datetime) -> None:
    """Let a key begin to sign at another time."""
    await tx.execute(_SIGN_FROM, kid, at)


async def seal(tx: Transaction, kid: str, private_sealed: bytes) -> None:
    """Store a key's private half anew."""
    await tx.execute(_SEAL, kid, private_sealed)


async def retire(tx: Transaction, kids: Sequence[str], at: datetime) -> int:
    """Take keys out of force, and their private halves out of the database; how many were in force."""
    return await tx.execute(_RETIRE, list(kids), at)
