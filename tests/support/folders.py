"""Where throwaway databases lie: in memory where there is room, because copying them is most of what tests wait for."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")  # noqa: S108 - a name of our own is made below it
ENOUGH_BYTES = 4 << 30
_OURS = re.compile(r"sparknode-tests-(\d+)-")


@contextmanager
def throwaway_folder() -> Iterator[Path]:
    """A folder that goes with the block. What earlier runs left because they were killed goes first."""
    folder = _made()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def keep_in_memory(config: pytest.Config) -> None:
    """Have each ``tmp_path`` of this run lie there, too: whole products are started and thrown away in them.

    On a disk, making the files of their databases took most of four percent of all the processors' time. What a test
    that failed has left stays until the next run.
    """
    if config.option.basetemp:  # as it is in each worker
        return
    folder = _made()
    config.option.basetemp = str(folder / "tmp_path")
    config.pluginmanager.register(_Cleaner(folder))


class _Cleaner:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.has_failed = False

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        self.has_failed = bool(session.testsfailed)

    def pytest_unconfigure(self) -> None:
        if not self.has_failed:
            shutil.rmtree(self.folder, ignore_errors=True)


def _made() -> Path:
    parent = MEMORY if _has_room(MEMORY) else Path(tempfile.gettempdir())
    _sweep(parent)
    return Path(tempfile.mkdtemp(prefix=f"sparknode-tests-{os.getpid()}-", dir=parent))


def _has_room(folder: Path) -> bool:
    return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > ENOUGH_BYTES


def _sweep(parent: Path) -> None:
    for left in parent.glob("sparknode-tests-*"):
        owner = _OURS.match(left.name)
        if owner and not _is_running(int(owner[1])):
            shutil.rmtree(left, ignore_errors=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # somebody else's
    return True
