"""One service: asked over a pool of connections, once more where nothing can have happened, or not at all."""

import asyncio
import ssl
from urllib.parse import urlsplit

from gateway.request import Headers
from gateway.upstream.addresses import Addresses, Resolve
from gateway.upstream.breaker import Breaker
from gateway.upstream.failures import LineDied, NoAnswer
from gateway.upstream.line import Line
from gateway.upstream.pool import CONNECT_SECONDS, Pool
from gateway.upstream.question import Question, request_head


class Reply:
    """A service's answer, as far as it is there. ``close`` it, read to its end or not."""

    __slots__ = ("_line", "_pool", "_sending", "headers", "status")

    def __init__(self, line: Line, pool: Pool, sending: "asyncio.Task[None] | None") -> None:
        self._line = line
        self._pool = pool
        self._sending = sending
        self.status = line.status
        self.headers: Headers = line.headers

    async def read(self) -> bytes:
        """The next piece of the body, as it came; nothing at the end. ``AnswerCutShort`` when it does not come."""
        return await self._line.read()

    def at_hand(self) -> bytes | None:
        """All of the body, if it has come with the head and is short."""
        return self._line.at_hand()

    @property
    def is_complete(self) -> bool:
        """Whether there is nothing more to read."""
        return self._line.is_complete

    def close(self) -> None:
        """Free the connection; what is still under way on it is broken off."""
        _let_go(self._line, self._pool, self._sending)


class Upstream:
    """One service, at ``base_url``; ``https://`` is verified."""

    def __init__(
        self,
        base_url: str,
        tls: ssl.SSLContext,
        resolve: Resolve | None = None,
        connect_seconds: float = CONNECT_SECONDS,
    ) -> None:
        url = urlsplit(base_url)
        secure = url.scheme == "https"
        host, port = url.hostname or "", url.port or (443 if secure else 80)
        self._authority = url.netloc.rpartition("@")[2].encode("ascii")
        self._pool = Pool(Addresses(host, port, resolve), port, tls if secure else None, host, connect_seconds)
        self.breaker = Breaker()

    async def close(self) -> None:
        """Close all connections."""
        self._pool.close()

    @property
    def connections(self) -> int:
        """How many there are."""
        return self._pool.size

    async def ask(self, question: Question) -> Reply:
        """Send it and wait for the head of the answer.

        ``ServiceUnavailable`` when no answer begins; problems of the body come out as they are.
        """
        self.breaker.admit()
        try:
            line = self._pool.take_rested() or await self._pool.take()
            may_repeat = question.may_repeat and line.uses > 0 and not question.is_streamed
            try:
                reply = await self._answer(question, line)
            except LineDied:
                if not may_repeat:
                    raise
                reply = await self._answer(question, await self._pool.take_new())
        except NoAnswer:
            self.breaker.failed()
            raise
        self.breaker.succeeded()
        return reply

    async def _answer(self, question: Question, line: Line) -> Reply:
        sending = None
        try:
            octets = request_head(question, self._authority)  # not before: who waits keeps little
            line.ask(octets, question.patience, head_only=question.method == "HEAD")
            if question.is_streamed:
                sending = asyncio.ensure_future(_send(question, line))
            await line.answer()
        except BaseException:
            _let_go(line, self._pool, sending)
            raise
        return Reply(line, self._pool, sending)


async def _send(question: Question, line: Line) -> None:
    """Pass the body on as it comes; what goes wrong with it ends the exchange."""
    chunked = question.length is None
    try:
        async for piece in question.pieces():
            await line.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
        if chunked:
            await line.write(b"0\r\n\r\n")
    except Exception as error:  # noqa: BLE001 - whoever reads the answer is told
        line.fail(error)


def _let_go(line: Line, pool: Pool, sending: "asyncio.Task[None] | None") -> None:
    if sending is not None and not sending.done():
        sending.cancel()
        line.close()  # the service still waits for the rest
    pool.give_back(line)
