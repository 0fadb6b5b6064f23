"""Which process is at the other end of a Unix socket: Linux tells (sock_diag(7))."""

import os
import socket
import struct
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

_HEADER = struct.Struct("=IHHII")  # struct nlmsghdr
_REQUEST = struct.Struct("=BBHIIIII")  # struct unix_diag_req
_SOCKET = struct.Struct("=BBBBI")  # the beginning of struct unix_diag_msg, which has two more numbers
_ATTRIBUTE = struct.Struct("=HH")  # struct rtattr
_BODY_BYTES = 16
_SOCK_DIAG, _BY_FAMILY, _DUMP, _SHOW_PEER, _PEER, _ERROR, _DONE = 4, 20, 0x301, 0x4, 2, 2, 3


def peer_of(process: int, among: Iterable[int]) -> int | None:
    """Which of the processes ``among`` holds the other end of a socket of ``process``; ``None`` if nobody can tell."""
    if sys.platform != "linux":
        return None
    try:
        peers = dict(_peers())
        wanted = {peers[inode] for inode in _sockets(process) if inode in peers}
        return next((other for other in among if wanted & set(_sockets(other))), None)
    except OSError:
        return None


def _sockets(process: int) -> Iterator[int]:
    for descriptor in Path(f"/proc/{process}/fd").iterdir():
        try:
            kind, _, inode = os.readlink(descriptor).partition(":")
        except FileNotFoundError:
            continue  # closed meanwhile
        if kind == "socket":
            yield int(inode.strip("[]"))


def _peers() -> Iterator[tuple[int, int]]:
    """The inodes of all connected Unix sockets, each with its peer's."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _SOCK_DIAG) as kernel:
        everything = _REQUEST.pack(socket.AF_UNIX, 0, 0, 0xFFFFFFFF, 0, _SHOW_PEER, 0xFFFFFFFF, 0xFFFFFFFF)
        kernel.send(_HEADER.pack(_HEADER.size + len(everything), _BY_FAMILY, _DUMP, 1, 0) + everything)
        while True:
            data = kernel.recv(1 << 20)
            while data:
                length, kind, *_ = _HEADER.unpack_from(data)
                if kind in {_ERROR, _DONE}:
                    return
                yield from _peer(data[_HEADER.size : length])
                data = data[_aligned(length) :]


def _peer(message: bytes) -> Iterator[tuple[int, int]]:
    inode = _SOCKET.unpack_from(message)[-1]
    attributes = message[_BODY_BYTES:]
    while attributes:
        length, kind = _ATTRIBUTE.unpack_from(attributes)
        if kind == _PEER:
            yield inode, struct.unpack_from("=I", attributes, _ATTRIBUTE.size)[0]
        attributes = attributes[_aligned(length) :]


def _aligned(length: int) -> int:
    return (length + 3) & ~3
