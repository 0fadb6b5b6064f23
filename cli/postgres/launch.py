"""Starts the server beside its guard, and says where its socket is."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from cli.postgres import cluster, guard, programs
from cli.postgres.account import Account, server_environment
from cli.postgres.cluster import Postmaster
from cli.postgres.folder import DataFolder
from cli.postgres.locks import FileLock

PORT = 5432
"""A part of the socket's name. No TCP port is opened."""

# What every system takes as the path of a Unix socket (macOS: 103 bytes), and what a DSN takes as a host.
_LONGEST_SOCKET_PATH = 103
_SEPARATORS_OF_HOSTS = ":,"
_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH


def launch(data: DataFolder, settings: Mapping[str, str], in_use: FileLock, *, sync: bool) -> subprocess.Popen[bytes]:
    """Start the server of ``data``, whose cluster is made if need be, and return its guard.

    The caller holds ``in_use``; the guard and every process of the server inherit it. A server that is started again
    has its socket where it was, if nobody has called ``remove_scratch`` meanwhile.
    """
    scratch = _scratch(data)
    account = Account.for_cluster(data.cluster)
    installed = programs.for_account(account, scratch)
    cluster.create(data.cluster, installed, account, sync=sync)
    _shorten_socket_path(data)
    if Postmaster.of(data.cluster):
        # We hold the lock, so that server is gone. Its number may by now be some other program's, and
        # PostgreSQL would take that program for a server.
        (data.cluster / "postmaster.pid").unlink()
    server = [str(installed / "bin" / "postgres"), "-D", cluster.path_for(account, data.cluster)]
    server += ["-k", cluster.SOCKET_DIR, *(f"--{name}={value}" for name, value in settings.items())]
    return _guarded(server, account, data, scratch, in_use)


def remove_scratch(data: DataFolder) -> None:
    """Remove what no server of ``data`` needs any more, if the guard has not; a socket has no other way then."""
    if data.scratch_link.is_symlink():
        scratch = data.scratch_link.readlink()
        if _is_ours(scratch):
            shutil.rmtree(scratch, ignore_errors=True)
        with suppress(OSError):  # the folder cannot be written any more; the next start tells
            data.scratch_link.unlink()


def _scratch(data: DataFolder) -> Path:
    """A temporary folder for the server: the one that it had when it died, since its clients look there."""
    if data.scratch_link.is_symlink():
        former = data.scratch_link.readlink()
        with suppress(OSError):  # it is there, unless somebody cleans up where temporary folders lie
            former.mkdir(mode=0o700)
        if _is_ours(former):
            return former
    remove_scratch(data)
    scratch = Path(tempfile.mkdtemp(prefix="sparknode-"))
    try:
        data.scratch_link.symlink_to(scratch)
    except OSError:
        scratch.rmdir()
        raise
    return scratch


def _is_ours(folder: Path) -> bool:
    """Not what somebody else has put in its place since it was cleaned away."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & _OTHERS_MAY_WRITE


def _shorten_socket_path(data: DataFolder) -> None:
    path = str(data.cluster / f".s.PGSQL.{PORT}")
    too_long = len(os.fsencode(path)) > _LONGEST_SOCKET_PATH
    if (too_long or set(path) & set(_SEPARATORS_OF_HOSTS)) and not data.socket_alias.is_symlink():
        data.socket_alias.symlink_to(data.cluster)


def _guarded(
    server: list[str], account: Account, data: DataFolder, scratch: Path, in_use: FileLock
) -> subprocess.Popen[bytes]:
    ids = ["" if number is None else str(number) for number in (account.uid, account.gid)]
    with data.log.open("wb") as log:
        return subprocess.Popen(  # noqa: S603 (our own interpreter and the server of the wheel)
            [sys.executable, "-I", "-S", guard.__file__, *ids, str(scratch), *server],
            cwd=data.cluster,
            env=server_environment(),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for us; the server goes down last
            pass_fds=[in_use.fileno()],
        )
