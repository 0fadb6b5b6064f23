"""Locks on files, which the system drops by itself when the last process that holds them is gone."""

import fcntl
import os
from pathlib import Path


class FileLock:
    """An exclusive lock (flock) on ``path``.

    It belongs to the open file, not to the process: a child that inherits ``fileno()`` holds it too, and it is
    free when the last of them has closed the file or died.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._file is not None

    def acquire(self) -> bool:
        """Take the lock without waiting; ``False`` when somebody else has it. Taking it twice is one taking."""
        if self._file is not None:
            return True
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._file = file
        return True

    def fileno(self) -> int:
        """The open file, for a child to inherit. Only while the lock is held."""
        if self._file is None:
            raise ValueError(f"The lock {self._path} is not held.")
        return self._file

    def release(self) -> None:
        """Let go, for this process. Releasing what is not held is fine."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
