"""Connections that a test leaves to the next one instead of closing them.

Making one takes both sides longer than most tests' statements, and the server then has yet to learn of every table.
"""

from collections import defaultdict
from dataclasses import dataclass, field

import asyncpg

from shared.database.opening import connected
from tests.support.connections import Connection
from tests.support.databases import DatabaseUrls


class _Kept(asyncpg.Connection):
    """Goes back to whoever keeps it when it is closed."""

    _back: "list[_Kept]"

    async def close(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109 - as the driver has it
        try:
            await self.reset(timeout=timeout)
        except BaseException as error:  # the server was away meanwhile
            self.terminate()
            if not isinstance(error, Exception):
                raise
        else:
            self._back.append(self)


@dataclass(frozen=True, slots=True)
class KeptConnections:
    """For the tests of one event loop, which belong to it as they do."""

    _idle: dict[tuple[str, str], list[_Kept]] = field(default_factory=lambda: defaultdict(list))

    async def connect(self, name: str, url: str) -> Connection:
        """As ``connected`` does: one that was left, or a new one."""
        idle = self._idle[name, url]
        while idle:
            left = idle.pop()
            try:
                await left.execute("SELECT")
            except BaseException as error:  # a test may have cut all connections, or killed the server
                left.terminate()
                if not isinstance(error, Exception):
                    raise
            else:
                return left
        made = await connected(name, url, _Kept)
        assert isinstance(made, _Kept)
        made._back = idle
        return made

    def numbers(self, urls: DatabaseUrls) -> list[int]:
        """The server's processes behind those to a database that nobody has."""
        return [
            connection.get_server_pid()
            for (_, url), idle in self._idle.items()
            if url in {urls.owner, urls.serving, urls.look_up}
            for connection in idle
            if not connection.is_closed()
        ]

    def end(self) -> None:
        """Nobody needs them any more."""
        for idle in self._idle.values():
            for connection in idle:
                connection.terminate()
