"""One node for all workers of a test run, started by the first that needs it."""

import fcntl
import json
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from tests.support.rabbitmq.node import Node

_held: list[Node | BinaryIO] = []
"""What keeps the node alive, for as long as this process lives: others may need it after our last test."""


def join(folder: Path, vhost: str, vhosts: list[str]) -> str:
    """The address of ``vhost`` on the node of the run whose workers share ``folder``; ``vhosts`` are all there are."""
    address = folder / "rabbitmq.json"
    with (folder / "rabbitmq.lock").open("wb") as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        if not (address.exists() and _hold(Path(json.loads(address.read_text())["lock"]))):
            node = Node.started(vhosts)
            _held.append(node)
            urls = {name: node.url(name) for name in vhosts}
            address.write_text(json.dumps({"lock": str(node.lock_file), "urls": urls}))
    return str(json.loads(address.read_text())["urls"][vhost])


def _hold(lock: Path) -> bool:
    """Keep the node of ``lock`` alive; ``False`` when it is about to end."""
    with suppress(FileNotFoundError, BlockingIOError):
        held = lock.open("rb")
        try:
            fcntl.flock(held, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            held.close()
            raise
        _held.append(held)
        return True
    return False
