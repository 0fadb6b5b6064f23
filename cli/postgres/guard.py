"""Runs beside the embedded server and ends it when the process that started it is gone, however it went.

Usage: guard.py UID GID SCRATCH COMMAND...; UID and GID may be empty (our own), SCRATCH too (nothing to remove).
Standard input is a pipe from the owner: that it closes is the sign, for an orderly stop and for a SIGKILL alike.
Standard library only: it runs isolated, so that it starts in milliseconds.
"""

import os
import select
import signal
import subprocess
import sys
import threading
from types import FrameType

# A fast shutdown writes a checkpoint; it must not be cut short because a disk is slow.
FAST_SHUTDOWN_SECONDS = 30


def main(uid: str, gid: str, scratch: str, *command: str) -> int:
    """Run ``command`` until it ends or the owner is gone; in that case, remove the folder ``scratch``, too.

    An owner who is still there may start the server again, whose clients look for it where it was.
    """
    server = subprocess.Popen(  # noqa: S603 (the command comes from our own launcher)
        command,
        stdin=subprocess.DEVNULL,
        user=int(uid) if uid else None,
        group=int(gid) if gid else None,
        extra_groups=[] if uid else None,
        close_fds=False,  # the lock that says "in use" has to live as long as the last server process
    )

    def terminated(_signal: int, _frame: FrameType | None) -> None:
        server.send_signal(signal.SIGINT)

    signal.signal(signal.SIGTERM, terminated)
    threading.Thread(target=_stop_without_owner, args=(server,), daemon=True).start()
    status = server.wait()
    if scratch and select.select([sys.stdin], [], [], 0)[0]:  # the pipe is closed
        _remove(scratch)
    return status


def _stop_without_owner(server: subprocess.Popen[bytes]) -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    server.send_signal(signal.SIGINT)  # fast shutdown
    try:
        server.wait(FAST_SHUTDOWN_SECONDS)
    except subprocess.TimeoutExpired:
        server.send_signal(signal.SIGQUIT)  # immediate shutdown: the next start recovers from the log


def _remove(folder: str) -> None:
    import shutil  # noqa: PLC0415 (a slow import that most runs do not need)

    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    # Not sys.exit(): the thread may still be reading, and an orderly exit of the interpreter would wait for it.
    os._exit(main(*sys.argv[1:]) & 0xFF)
