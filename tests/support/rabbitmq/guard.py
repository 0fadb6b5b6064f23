"""Runs beside a node of the tests, and ends it when nobody needs it any more, however they went.

Usage: guard.py LOCK FOLDER. Whoever needs the node holds a shared lock on the file LOCK; the system drops it when they
die. Then all process groups that FOLDER/groups lists are killed, and FOLDER is removed. Standard library only.
"""

import fcntl
import os
import shutil
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

TRIES = 50


def main(lock: str, folder: str) -> None:
    """Wait until nobody holds ``lock``, then leave nothing."""
    with Path(lock).open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        groups = Path(folder, "groups")
        for group in groups.read_text().split() if groups.exists() else ():
            with suppress(ProcessLookupError):
                os.killpg(int(group), signal.SIGKILL)
        _remove(Path(folder))
        Path(lock).unlink(missing_ok=True)


def _remove(folder: Path) -> None:
    """Those who were killed may need a moment to let go of it."""
    for _ in range(TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.1)


if __name__ == "__main__":
    main(*sys.argv[1:])
