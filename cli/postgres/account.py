"""Which account of the operating system runs the server. PostgreSQL refuses to run as root."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cli.postgres.errors import EmbeddedPostgresError

# Who stands in for root on a folder that is new: present on every system, and with no right to anything.
STAND_INS = ("postgres", "nobody")

# All of our environment that reaches the server. PGDATA and the like would change what it does; secrets are not its.
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


def server_environment() -> dict[str, str]:
    """The environment of the server and of all that starts it."""
    return {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | {"LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True, slots=True)
class Account:
    """The account of the server's processes and files; without ids it is our own."""

    uid: int | None = None
    gid: int | None = None

    @classmethod
    def for_cluster(cls, cluster: Path) -> Self:
        """Our own account; for root the owner of ``cluster``, or a stand-in when there is no cluster yet."""
        if os.geteuid() != 0:
            return cls()
        if cluster.exists():
            owner = cluster.stat()
            return cls(owner.st_uid, owner.st_gid)
        for name in STAND_INS:
            try:
                stand_in = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(stand_in.pw_uid, stand_in.pw_gid)
        raise EmbeddedPostgresError(
            "PostgreSQL does not run as root, and this system has no account named "
            f"{' or '.join(STAND_INS)} to run it as. Start sparknode as an ordinary user."
        )

    @property
    def is_another(self) -> bool:
        """Whether this is somebody else than ourselves."""
        return self.uid is not None

    def own(self, folder: Path) -> None:
        """Hand ``folder`` over to the account."""
        if self.uid is not None and self.gid is not None:
            os.chown(folder, self.uid, self.gid)

    def run(self, command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
        """Run ``command`` in ``folder`` as the account and wait; ``PermissionError`` when it cannot reach it."""
        return subprocess.run(  # noqa: S603 (commands are paths of the wheel and literals)
            command,
            cwd=folder,
            user=self.uid,
            group=self.gid,
            extra_groups=[] if self.is_another else None,
            env=server_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
