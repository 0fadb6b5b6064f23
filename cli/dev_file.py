"""``dev.json``: how to reach the product that ``sparknode up`` runs, for people's scripts and our own commands."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from cli.home import write_private
from shared.process import CannotStart


@dataclass(frozen=True, slots=True)
class DevFile:
    """Its members. ``mailbox_url`` is null when mails really go out."""

    base_url: str
    tenant_id: str
    admin_email: str
    admin_password: str
    operator_email: str
    operator_password: str
    mailbox_url: str | None

    @classmethod
    def read(cls, file: Path) -> Self | None:
        """What ``file`` says; ``None`` when no product is ready, ``CannotStart`` when it is not what we wrote."""
        try:
            return cls(**json.loads(file.read_text()))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError) as error:
            raise CannotStart(f"{file} cannot be read: {error}. `sparknode up` writes it anew.") from error

    @contextmanager
    def kept_in(self, file: Path) -> Iterator[None]:
        """Let the world know, while the block lasts, that the product is ready."""
        write_private(file, json.dumps(asdict(self), indent=2) + "\n")
        try:
            yield
        finally:
            file.unlink(missing_ok=True)
