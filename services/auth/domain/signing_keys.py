"""When a signing key is published, when it signs, and when it is over."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from shared.contracts import access_token

PUBLISHED_AHEAD = timedelta(minutes=10)
"""A new key is published for so long before it signs: twice as long as verifiers may keep the key set."""

PUBLISHED_AFTER = access_token.LIFETIME + timedelta(minutes=5)
"""A former key stays published for so long after the next one began to sign: until its last token has expired, even if
a replica that could not reach the database went on with it for some minutes."""


class Dated(Protocol):
    """A key, as the rules see it."""

    @property
    def signs_from(self) -> datetime:
        """When it begins to sign, if no later one does."""


K = TypeVar("K", bound=Dated)


class KeyState(StrEnum):
    """What a key is doing."""

    WAITING = "waiting"
    SIGNING = "signing"
    FORMER = "former"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class SealedKey:
    """A row: the public half as JWK (RFC 7517), the private half encrypted, and gone when the key is retired."""

    kid: str
    public_jwk: dict[str, Any]
    private_sealed: bytes = field(repr=False)
    created_at: datetime
    signs_from: datetime
    retired_at: datetime | None = None


def signing(keys: Sequence[K], at: datetime) -> K:
    """The one of ``keys`` (at least one, none retired) that signs: the last that has begun, or the first to begin."""
    begun = [key for key in keys if key.signs_from <= at]
    return max(begun, key=_begin) if begun else min(keys, key=_begin)


def over(keys: Sequence[K], at: datetime) -> list[K]:
    """Those of ``keys`` of which no living token can be left: another began to sign long enough ago."""
    return [key for key in keys if any(key.signs_from < next_.signs_from <= at - PUBLISHED_AFTER for next_ in keys)]


def waiting(keys: Sequence[K], at: datetime) -> K | None:
    """The first of ``keys`` that is published and has yet to sign."""
    return min((key for key in keys if key.signs_from > at), key=_begin, default=None)


def is_due(keys: Sequence[SealedKey], at: datetime, age: timedelta) -> bool:
    """Whether a new key is wanted: none of ``keys`` was made within ``age``."""
    return all(key.created_at + age <= at for key in keys)


def states(keys: Sequence[SealedKey], at: datetime) -> list[tuple[SealedKey, KeyState]]:
    """Each of ``keys`` and what it is doing."""
    in_force = [key for key in keys if key.retired_at is None]
    now = signing(in_force, at) if in_force else None

    def state(key: SealedKey) -> KeyState:
        if key.retired_at is not None:
            return KeyState.RETIRED
        if key is now:
            return KeyState.SIGNING
        return KeyState.WAITING if key.signs_from > at else KeyState.FORMER

    return [(key, state(key)) for key in keys]


def _begin(key: Dated) -> datetime:
    return key.signs_from
