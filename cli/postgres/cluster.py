"""The data folder of the server: made once, and asked by its pid file how the server is doing."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cli.postgres.account import Account
from cli.postgres.errors import EmbeddedPostgresError
from cli.postgres.programs import MAJOR_VERSION

# The server's socket is in its data folder, which PostgreSQL insists on keeping closed to other users.
SOCKET_DIR = "."

# So whoever can open the socket may be the superuser. The roles of the services show their passwords, as they
# will have to in production.
_WHO_MAY_CONNECT = """\
local  all  postgres  trust
local  all  all       scram-sha-256
"""

# The same order of strings on every machine, whatever locales it has.
_LOCALE = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
_FIRST_SETTINGS = ("--username=postgres", "--auth=trust", *_LOCALE)


def path_for(account: Account, cluster: Path) -> str:
    """``cluster``, as a process of ``account`` that was started in that folder has to name it.

    Another account may not be let through the folders above (a home, a private temporary folder), but into its
    working directory this link always leads.
    """
    working_directory = "/proc/self/cwd"
    return working_directory if account.is_another and Path(working_directory).exists() else str(cluster)


def create(cluster: Path, programs: Path, account: Account, *, sync: bool) -> None:
    """Make ``cluster`` unless it is there. It appears complete or not at all."""
    version = cluster / "PG_VERSION"
    if version.exists():
        if (found := version.read_text().strip()) != MAJOR_VERSION:
            raise EmbeddedPostgresError(
                f"The data in {cluster} is of PostgreSQL {found}, and this release runs {MAJOR_VERSION}. Dump it with "
                "the release that wrote it, then start this one with an empty folder and restore the dump."
            )
        return
    unfinished = cluster.with_suffix(".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    account.own(unfinished)
    initdb = [str(programs / "bin" / "initdb"), "-D", path_for(account, unfinished), *_FIRST_SETTINGS]
    done = account.run(initdb if sync else [*initdb, "--no-sync"], unfinished)
    if done.returncode != 0:
        raise EmbeddedPostgresError(f"The database could not be created in {cluster}:\n{done.stderr.strip()}")
    (unfinished / "pg_hba.conf").write_text(_WHO_MAY_CONNECT)
    unfinished.rename(cluster)


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What a server that was started by us says about itself in its pid file."""

    pid: int
    is_ready: bool

    @classmethod
    def of(cls, cluster: Path) -> Self | None:
        """Read the pid file; ``None`` when there is none, or another program's server wrote it."""
        try:
            lines = (cluster / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return None
        match lines:
            case [pid, _folder, _start, _port, socket_dir, *rest] if socket_dir == SOCKET_DIR:
                return cls(int(pid), is_ready=bool(rest) and rest[-1].strip() == "ready")
        return None
