"""A private RabbitMQ node, which a test may stop, kill and start again."""

import fcntl
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from tests.support.ports import free_ports
from tests.support.rabbitmq import guard
from tests.support.rabbitmq.installation import programs

READY_SECONDS = 100.0
STOP_SECONDS = 60.0
USER = "tests"

_CONF = """\
listeners.tcp.1 = 127.0.0.1:{port}
load_definitions = {definitions}
log.file.level = warning
vm_memory_high_watermark.absolute = 1GB
disk_free_limit.absolute = 50MB
"""

# The tables of what exists, and quorum queues' own table of names: both are written with a delay.
_WRITE_DOWN = "mnesia:sync_log(), [dets:sync(Table) || Table <- dets:all()], ok."


@dataclass(slots=True)
class Node:
    """A node with these virtual hosts. A guard ends it when this process is gone, and removes all that it left."""

    vhosts: tuple[str, ...] = ("tests",)
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="sparknode-rabbitmq-")))
    password: str = field(default_factory=secrets.token_hex)
    port: int = 0
    _lock: BinaryIO | None = None
    _environment: dict[str, str] = field(default_factory=dict)
    _server: "subprocess.Popen[bytes] | None" = None
    _started: "list[subprocess.Popen[bytes]]" = field(default_factory=list)

    @classmethod
    def create(cls, vhosts: Iterable[str] = ("tests",)) -> "Node":
        """A node that is prepared, and not started."""
        node = cls(tuple(vhosts))
        node._set_up()
        return node

    @classmethod
    def started(cls, vhosts: Iterable[str] = ("tests",)) -> "Node":
        """A node that answers. Of one that does not come up, nothing is left."""
        node = cls.create(vhosts)
        try:
            node.start()
        except BaseException:
            node.discard()
            raise
        return node

    @property
    def lock_file(self) -> Path:
        """Whoever needs the node holds a shared lock on it."""
        return self.folder.with_suffix(".lock")

    def url(self, vhost: str | None = None) -> str:
        """How to reach a virtual host, by default the first."""
        return f"amqp://{USER}:{self.password}@127.0.0.1:{self.port}/{vhost or self.vhosts[0]}"

    def start(self) -> None:
        """Return when it answers; ``TimeoutError`` with the end of its log when it does not."""
        self._server = self._run("rabbitmq-server")
        deadline = time.monotonic() + READY_SECONDS
        while not self._answers():
            if time.monotonic() > deadline or self._server.poll() is not None:
                raise TimeoutError(f"RabbitMQ did not start:\n{self._end_of_log()}")
            time.sleep(0.05)

    def stop(self) -> None:
        """An orderly end; what it holds it will hold again."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Pull the plug."""
        self._end(signal.SIGKILL)

    def cut(self) -> None:
        """Close all connections from its side."""
        self.ctl("close_all_connections", "--global", "the test cuts them")

    def settle(self) -> None:
        """Have it write down what was declared: what is not on its disk yet does not survive ``kill``."""
        self.ctl("eval", _WRITE_DOWN)

    def ctl(self, *arguments: str) -> str:
        """What rabbitmqctl says."""
        command = [str(_programs() / "rabbitmqctl"), "--quiet", *arguments]
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True, check=True)
        return done.stdout

    def discard(self) -> None:
        """It is not needed any more. Returns when the guard has ended it."""
        if self._lock:
            self._lock.close()
        for process in self._started:
            process.wait(STOP_SECONDS)

    def _set_up(self) -> None:
        self.lock_file.touch()
        self._lock = self.lock_file.open("rb")
        fcntl.flock(self._lock, fcntl.LOCK_SH)
        watching = [sys.executable, "-I", guard.__file__, str(self.lock_file), str(self.folder)]
        # In a session of its own: Ctrl-C is for us.
        self._started.append(subprocess.Popen(watching, stdin=subprocess.DEVNULL, start_new_session=True))
        self.port, distribution, epmd = free_ports(3)
        self._environment = self._files() | {
            "PATH": f"{os.environ.get('PATH', os.defpath)}{os.pathsep}/usr/sbin",
            "LANG": "C.UTF-8",
            "HOME": str(self.folder),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(epmd),
            "RABBITMQ_NODENAME": f"{self.folder.name}@localhost",
            "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_CONF_ENV_FILE": os.devnull,
        }
        # Else the node would start one that outlives it.
        self._run("epmd", "-address", "127.0.0.1", "-port", str(epmd))
        _wait_for(epmd)

    def _files(self) -> dict[str, str]:
        """Write its configuration; the variables that name the files."""
        cookie = self.folder / ".erlang.cookie"
        cookie.write_text(secrets.token_hex())
        cookie.chmod(0o400)
        definitions = self.folder / "definitions.json"
        definitions.write_text(json.dumps(self._definitions()))
        (self.folder / "rabbitmq.conf").write_text(_CONF.format(port=self.port, definitions=definitions))
        (self.folder / "enabled_plugins").write_text("[].\n")
        return {
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
        }

    def _definitions(self) -> dict[str, object]:
        """There is no guest: an account that is defined takes its place."""
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        return {
            "users": [{"name": USER, "password": self.password, "tags": "administrator"}],
            "vhosts": [{"name": vhost} for vhost in self.vhosts],
            "permissions": [{"user": USER, "vhost": vhost, **everything} for vhost in self.vhosts],
        }

    def _run(self, program: str, *arguments: str) -> "subprocess.Popen[bytes]":
        """In a process group of its own, which the guard knows of before the program begins."""
        path = _programs() / program if program.startswith("rabbitmq") else program
        with (self.folder / f"{program}.out").open("ab") as out:
            process = subprocess.Popen(
                ["/bin/sh", "-c", 'echo $$ >> groups; exec "$0" "$@"', str(path), *arguments],
                cwd=self.folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                process_group=0,
            )
        self._started.append(process)
        return process

    def _end(self, by: signal.Signals) -> None:
        server, self._server = self._server, None
        if server:
            os.killpg(server.pid, by)
            server.wait(STOP_SECONDS)
            # Its virtual machine is a child of the script, and may be a moment behind.
            while self._answers():
                time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"AMQP\x00\x00\x09\x01")
                return connection.recv(1) == b"\x01"
        except OSError:
            return False

    def _end_of_log(self) -> str:
        logs = [*self.folder.glob("*.out"), *self.folder.glob("log/*.log")]
        return "\n".join(log.read_text(errors="replace")[-2000:] for log in logs)


def _programs() -> Path:
    found = programs()
    if found is None:
        raise FileNotFoundError("rabbitmq-server")
    return found


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
