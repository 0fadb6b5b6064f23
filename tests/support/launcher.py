"""``python -m tests.support.launcher FD``: becomes a program for each that connects to a listening socket.

It ends with its standard input, and so with whoever started it.
"""

import atexit
import gc
import json
import os
import runpy
import select
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from types import ModuleType
from typing import Any

from tests.support.launching import tell

# All that the programs read, but for the module that each of them begins with; and what they read when they need it.
_OF_PROGRAMS = (
    *("cli.main", "cli.embedded.up", "gateway.app", "gateway.server", "shared.database.migrate"),
    *("services.auth.app", "services.tenants.app", "services.invitations.app", "shared.service_commands"),
    *("alembic.command", "sqlalchemy.ext.asyncio", "sqlalchemy.dialects.postgresql.asyncpg"),
    *("anyio._backends._asyncio", "httpcore", "zxcvbn"),
)
# And what the test workers do, but for modules whose assertions are rewritten.
_OF_WORKERS = (
    *("xdist.remote", "pytest", "hypothesis.stateful", "schemathesis", "schemathesis.pytest.plugin"),
    *("openapi_spec_validator", "typer.testing", "unittest.mock", "email_validator", "aiosmtpd.smtp", "yaml"),
)


def main() -> None:
    """Wait, and launch; in the program that it has become, run that."""
    atexit.register(_leave)  # before all modules: what is registered first is called last
    listener = socket.socket(fileno=int(sys.argv[1]))
    for name in (*_OF_PROGRAMS, *_OF_WORKERS):
        import_module(name)
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the tests
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how a minder ended
    while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
        connection, _ = listener.accept()
        if os.fork() == 0:
            _run_to_its_end(**_minded(connection))
            return
        connection.close()
    _codes.append(0)


_codes: list[int] = []
"""The exit code of this process, once it is known."""


def _leave() -> None:
    """End without taking apart all that was read: that took a fifth of a second in each of more than a hundred."""
    if _codes:
        with suppress(OSError, ValueError):  # then it is Python's own end that complains
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(_codes[0])


def _minded(connection: socket.socket) -> dict[str, Any]:
    """Return in the program, with what was asked. The process that called this waits for it, and tells how it ended."""
    _, files, _, _ = socket.recv_fds(connection, 1, 3)
    with connection.makefile("rb") as lines:
        request: dict[str, Any] = json.loads(lines.readline())
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if program := os.fork():
        tell(connection, program)
        _, status = os.waitpid(program, 0)
        tell(connection, os.waitstatus_to_exitcode(status))
        os._exit(0)
    _become(files, **request)
    return request


def _become(files: Sequence[int], environment: dict[str, str], folder: str, leading: bool, **_: Any) -> None:
    """Have what a program has, and nothing else."""
    for number, file in enumerate(files):
        os.dup2(file, number)
    os.closerange(len(files), os.sysconf("SC_OPEN_MAX"))
    os.chdir(folder)
    if leading:
        os.setpgid(0, 0)
    os.environ.clear()
    os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _run_to_its_end(**request: Any) -> None:
    try:
        _run(**request)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            _codes.append(end.code or 0)
        raise
    _codes.append(0)


def _run(arguments: list[str], afresh: bool, **_: Any) -> None:
    """As Python does: ``python -m module``, a script, or ``python -u -c code``, which is a test worker."""
    if afresh:
        os.execve(arguments[0], arguments, os.environ)  # noqa: S606 - what a test names
    elif arguments[1:3] == ["-u", "-c"]:
        sys.argv = ["-c", *arguments[4:]]
        sys.modules["__main__"] = ModuleType("__main__")
        exec(arguments[3], sys.modules["__main__"].__dict__)  # noqa: S102 - what pytest-xdist sends
    elif arguments[1] == "-m":
        sys.argv = [arguments[0], *arguments[3:]]
        runpy.run_module(arguments[2], run_name="__main__", alter_sys=True)
    else:
        sys.argv = arguments
        runpy.run_path(arguments[0], run_name="__main__")


if __name__ == "__main__":
    main()
