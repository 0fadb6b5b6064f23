"""Takes the connections that come in at one socket."""

import asyncio
import errno
import socket
from collections.abc import Callable

import structlog

AT_ONCE = 8
"""Connections that are taken in one round of the loop: of a crowd the first are served before the last are taken."""

REST_SECONDS = 0.5
"""After which it is tried again when there was no room for another file."""

_NO_ROOM = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})

log = structlog.get_logger(__name__)


class Accepting:
    """Makes a ``protocol`` of each connection.

    The loop's own server takes one connection in each of its rounds. Of a crowd that comes at once, the last would wait
    for as many rounds as there are others, and each round is longer than the one before.
    """

    def __init__(
        self,
        listening: socket.socket,
        backlog: int,
        protocol: Callable[[], asyncio.Protocol],
        rest_seconds: float = REST_SECONDS,
    ) -> None:
        """Begin."""
        self._rest_seconds = rest_seconds
        self._loop = asyncio.get_running_loop()
        self._listening = listening
        self._protocol = protocol
        self._opening: set[asyncio.Task[object]] = set()
        self._resting: asyncio.TimerHandle | None = None
        listening.setblocking(False)
        listening.listen(backlog)
        self._begin()

    def stop(self) -> None:
        """Take no more; who was not taken yet is sent away."""
        if self._resting:
            self._resting.cancel()
        self._loop.remove_reader(self._listening)
        self._listening.close()

    def _begin(self) -> None:
        self._loop.add_reader(self._listening, self._accept)

    def _accept(self) -> None:
        for _ in range(AT_ONCE):
            try:
                taken, _ = self._listening.accept()
            except BlockingIOError:
                return
            except OSError as error:  # else it is the client's: it is gone already
                if error.errno in _NO_ROOM:
                    self._rest(error)
                    return
            else:
                taken.setblocking(False)
                opening = self._loop.create_task(self._loop.connect_accepted_socket(self._protocol, taken))
                self._opening.add(opening)
                opening.add_done_callback(self._opened)

    def _opened(self, opening: "asyncio.Task[object]") -> None:
        self._opening.discard(opening)
        if not opening.cancelled() and (error := opening.exception()):
            log.warning("connection not opened", reason=str(error))

    def _rest(self, error: OSError) -> None:
        log.error("no connection can be taken", reason=error.strerror)
        self._loop.remove_reader(self._listening)
        self._resting = self._loop.call_later(self._rest_seconds, self._begin)
