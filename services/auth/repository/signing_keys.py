"""The table of signing keys. They belong to the installation, not to a tenant."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.database import Transaction

_TAKE_TURNS = "SELECT pg_advisory_xact_lock(hashtext('auth signing keys'))"
_IN_FORCE = """
    SELECT kid, public_jwk, private_sealed, created_at FROM signing_keys
     WHERE retired_at IS NULL ORDER BY created_at DESC, kid
"""
_ADD = "INSERT INTO signing_keys (kid, public_jwk, private_sealed, created_at) VALUES ($1, $2, $3, $4)"


@dataclass(frozen=True, slots=True)
class SealedKey:
    """A row: the public half as JWK (RFC 7517), the private half encrypted."""

    kid: str
    public_jwk: dict[str, Any]
    private_sealed: bytes = field(repr=False)
    created_at: datetime


async def take_turns(tx: Transaction) -> None:
    """Wait until nobody else reads or makes keys, and keep others waiting until the transaction ends."""
    await tx.execute(_TAKE_TURNS)


async def in_force(tx: Transaction) -> list[SealedKey]:
    """The keys that were not retired, newest first."""
    return [SealedKey(**row) for row in await tx.fetch(_IN_FORCE)]


async def add(tx: Transaction, key: SealedKey) -> None:
    """Store a new key."""
    await tx.execute(_ADD, key.kid, key.public_jwk, key.private_sealed, key.created_at)
