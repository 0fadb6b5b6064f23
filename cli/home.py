"""The folder of a product on one machine, and what lies where in it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cli.postgres.locks import FileLock
from shared.process import CannotStart


@dataclass(frozen=True, slots=True)
class Home:
    """``$SPARKNODE_HOME``: everything that one machine's product keeps, closed to other users."""

    folder: Path

    @property
    def postgres(self) -> Path:
        """The embedded database server's folder."""
        return self.folder / "postgres"

    @property
    def mailbox(self) -> Path:
        """The mails that would have been sent."""
        return self.folder / "mailbox"

    @property
    def log(self) -> Path:
        """What all parts of the product have to tell."""
        return self.folder / "sparknode.log"

    @property
    def secrets(self) -> Path:
        """Keys and passwords, made once. Whoever loses this file loses what is encrypted in the databases."""
        return self.folder / "secrets.json"

    @property
    def first_tenant(self) -> Path:
        """The id of the tenant that the first start made; it is there when nothing is left to be seeded."""
        return self.folder / "first-tenant"

    @property
    def dev_file(self) -> Path:
        """How to reach the product. It is there while the product is ready, and only then."""
        return self.folder / "dev.json"

    @property
    def environment(self) -> Path:
        """What describes the services to programs of their own; there while the product is ready, and only then."""
        return self.folder / "environment.json"

    @property
    def lock(self) -> Path:
        """Held by the product that is in the folder."""
        return self.folder / "up.lock"

    @contextmanager
    def occupied(self) -> Iterator[None]:
        """Have the folder to oneself, made if need be; ``CannotStart`` when somebody else has it, or nobody can.

        The same is said when the block cannot use a file of the folder. A ``dev.json`` that an earlier product left
        there is gone. The operating system gives the folder free when this process is gone, however it went.
        """
        lock = FileLock(self.lock)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not any(self.folder.iterdir()):
                self.folder.chmod(0o700)  # never that of a folder with things of others, say /tmp
            free = lock.acquire()
        except OSError as error:
            raise _unusable("folder", self.folder, error) from error
        if not free:
            raise CannotStart(
                f"Another `sparknode up` already runs with the folder {self.folder}. "
                "Stop that one, or choose another folder with SPARKNODE_HOME."
            )
        try:
            self.dev_file.unlink(missing_ok=True)
            self.environment.unlink(missing_ok=True)
            yield
        except OSError as error:
            if not self._has(error.filename):
                raise
            raise _unusable("file", error.filename, error) from error
        finally:
            lock.release()

    def is_occupied(self) -> bool:
        """Whether a product is in the folder. What one that was killed has left there says nothing."""
        lock = FileLock(self.lock)
        try:
            return not lock.acquire()
        finally:
            lock.release()

    def _has(self, file: object) -> bool:
        return isinstance(file, str | Path) and Path(file).is_relative_to(self.folder)


def _unusable(what: str, path: object, error: OSError) -> CannotStart:
    return CannotStart(
        f"The {what} {path} cannot be used: {error.strerror}. "
        "Mend its permissions or move it away, or choose another folder with SPARKNODE_HOME."
    )


def write_private(file: Path, text: str) -> None:
    """Put ``text`` into ``file``, for its owner's eyes only. Readers, and a crash, meet all of it or nothing."""
    unfinished = file.with_name(f".{file.name}.new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(text)
        out.flush()
        os.fsync(descriptor)
    unfinished.replace(file)
