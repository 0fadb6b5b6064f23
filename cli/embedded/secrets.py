"""The keys and passwords of a product on one machine: made at its first start, the same ever after."""

import json
import secrets
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Self

from cli.home import write_private
from shared.process import CannotStart

# Nothing that looks like something else, so that a password can be read aloud and typed in.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def _key() -> str:
    return secrets.token_urlsafe(48)


def _password() -> str:
    """About 79 random bits, as ``k7wm-2pqr-x9dn-4hts``."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


@dataclass(frozen=True, slots=True)
class Secrets:
    """One for each name, random unless given."""

    jwt_secret_key: str = field(default_factory=_key, repr=False)
    caller_signing_key: str = field(default_factory=_key, repr=False)
    data_encryption_key: str = field(default_factory=_key, repr=False)
    database_password: str = field(default_factory=_key, repr=False)
    admin_password: str = field(default_factory=_password, repr=False)
    operator_password: str = field(default_factory=_password, repr=False)

    @classmethod
    def of(cls, file: Path) -> Self:
        """Those in ``file``, which is written before anybody can have used one of them."""
        try:
            kept = json.loads(file.read_text())
        except FileNotFoundError:
            kept = {}
        except ValueError as error:
            raise CannotStart(f"{file} is damaged: {error}. Restore it, or start with an empty folder.") from error
        names = {member.name for member in fields(cls)}
        made = cls(**{name: value for name, value in kept.items() if name in names})
        if asdict(made) != kept:
            write_private(file, json.dumps(asdict(made), indent=2) + "\n")
        return made

    def keys(self) -> dict[str, str]:
        """What services and gateway are told, by the names of their settings."""
        return {
            "jwt_secret_key": self.jwt_secret_key,
            "caller_signing_key": self.caller_signing_key,
            "data_encryption_key": self.data_encryption_key,
        }
