"""API keys: how one is written, and how a reader tells a torn or made-up one before asking anybody.

``snk_``, the key's id (22 characters), its secret (43: 256 bits) and a CRC-32 of all that (6), in base 62. The fixed
beginning lets scanners find a key that was committed somewhere; the checksum lets them, and us, leave alone what only
looks like one.
"""

import hashlib
import secrets
import string
import zlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self
from uuid import UUID

from shared.contracts.permissions import Permission, permissions_of
from shared.contracts.tenancy import Role

BEGINNING = "snk_"
_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_VALUES = {digit: value for value, digit in enumerate(_DIGITS)}
_ID_LENGTH, _SECRET_LENGTH, _CHECKSUM_LENGTH = 22, 43, 6
_PREFIX_LENGTH = len(BEGINNING) + _ID_LENGTH
_LENGTH = _PREFIX_LENGTH + _SECRET_LENGTH + _CHECKSUM_LENGTH


class Scope(StrEnum):
    """What a key can be made for; each is the permission of the same name."""

    USERS_READ = "users:read"
    INVITATIONS_MANAGE = "invitations:manage"
    AUDIT_READ = "audit:read"

    @property
    def permission(self) -> Permission:
        """What it allows."""
        return Permission(self.value)


def role_of_key(maker: Role) -> Role:
    """As what a key acts: as its maker, but never as more than ``hr``, so that a lost key makes nobody an admin."""
    return min(maker, Role.HR, key=lambda role: role.rank)


def permissions_of_key(scopes: frozenset[Scope], maker: Role, tenant_id: UUID) -> frozenset[Permission]:
    """What a key may do: its scopes, as far as whoever made it may do the same today."""
    return frozenset(scope.permission for scope in scopes) & permissions_of(maker, tenant_id)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key, whole. ``text`` is what its holder sends; only its hash is ever stored, and nothing shows it twice."""

    id: UUID
    text: str = field(repr=False)

    @classmethod
    def new(cls, key_id: UUID) -> Self:
        """A key with 256 fresh random bits."""
        body = BEGINNING + _written(key_id.int, _ID_LENGTH) + _written(secrets.randbits(256), _SECRET_LENGTH)
        return cls(key_id, body + _checksum(body))

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The key that ``text`` is; ``None`` when it is none, or not all of one."""
        if len(text) != _LENGTH or not text.startswith(BEGINNING):
            return None
        body = text[:-_CHECKSUM_LENGTH]
        if not _VALUES.keys() >= set(text[len(BEGINNING) :]) or text != body + _checksum(body):
            return None
        number = _read(text[len(BEGINNING) : _PREFIX_LENGTH])
        return cls(UUID(int=number), text) if number < 1 << 128 else None

    @property
    def prefix(self) -> str:
        """What may be shown of it: enough to tell which key somebody holds, and nothing of the secret."""
        return self.text[:_PREFIX_LENGTH]

    @property
    def hash(self) -> bytes:
        """What is stored of it. A plain SHA-256 suffices, because the secret has full entropy."""
        return hashlib.sha256(self.text.encode()).digest()


def prefix_of(key_id: UUID) -> str:
    """The prefix of the key with this id."""
    return BEGINNING + _written(key_id.int, _ID_LENGTH)


def _checksum(body: str) -> str:
    return _written(zlib.crc32(body.encode()), _CHECKSUM_LENGTH)


def _written(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, value = divmod(number, len(_DIGITS))
        digits.append(_DIGITS[value])
    return "".join(reversed(digits))


def _read(digits: str) -> int:
    number = 0
    for digit in digits:
        number = number * len(_DIGITS) + _VALUES[digit]
    return number
