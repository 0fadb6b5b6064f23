"""Encrypts what must wait in a database with a secret in it, so that a dump of the database opens nothing."""

import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_KEY_BYTES = 32
_NONCE_BYTES = 12


class Unreadable(Exception):
    """Sealed under another key or for another row, or changed since."""


@dataclass(frozen=True, slots=True)
class Sealer:
    """AES-256-GCM under a key that is derived (HKDF-SHA256, RFC 5869) from a secret, for one purpose."""

    _aead: AESGCM = field(repr=False)

    @classmethod
    def derive(cls, secret: str, purpose: str) -> "Sealer":
        """The sealer for a secret of full entropy, as the settings demand it. Purposes keep sealers apart."""
        key = HKDF(SHA256(), _KEY_BYTES, salt=None, info=purpose.encode()).derive(secret.encode())
        return cls(AESGCM(key))

    def seal(self, content: bytes, *, row: bytes) -> bytes:
        """Encrypt ``content``, bound to the ``row`` that it is stored in."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, content, row)

    def unseal(self, sealed: bytes, *, row: bytes) -> bytes:
        """The content of that very row, unchanged; ``Unreadable`` otherwise."""
        try:
            return self._aead.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], row)
        except (InvalidTag, ValueError) as error:
            raise Unreadable from error
