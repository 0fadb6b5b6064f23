"""What lies where in the folder of an embedded server."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The folder that the caller chose. All else is inside."""

    root: Path

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own folder, of the account that runs it and closed to all others; the socket is in it."""
        return self.root / "cluster"

    @property
    def log(self) -> Path:
        """What the server said since its last start."""
        return self.root / "server.log"

    @property
    def owner_lock(self) -> Path:
        """Held by the process that runs the folder."""
        return self.root / "owner.lock"

    @property
    def server_lock(self) -> Path:
        """Held by the guard and the server's processes, so that we know of those that outlive their owner."""
        return self.root / "server.lock"

    @property
    def scratch_link(self) -> Path:
        """A link to the temporary folder of the server, which goes with whoever runs it."""
        return self.root / "scratch"

    @property
    def socket_alias(self) -> Path:
        """Another way to the cluster, for clients that cannot take its own path; mostly there is none."""
        return self.scratch_link.readlink() / "socket"

    @property
    def socket_dir(self) -> Path:
        """Where clients find the socket."""
        if self.scratch_link.is_symlink() and self.socket_alias.is_symlink():
            return self.socket_alias
        return self.cluster
