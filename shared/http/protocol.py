"""One HTTP/1.1 connection, stricter than uvicorn's own: bounded headers, no trailers, one Host, plain framing."""

from contextvars import copy_context

from starlette.responses import Response
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from shared.http.problems import status_response
from shared.http.request_id import REQUEST_ID_HEADER, take_request_id

HEAD_LIMIT = 16 * 1024
"""Octets of request target and headers together."""


class _Refused(Exception):
    """Leaves the parser; ``status`` is the answer."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


class StrictProtocol(HttpToolsProtocol):
    """Refuses with problem+json, and closes, what would make two readers disagree or fill the memory.

    Oversized heads are 431, whether they come whole or trickle in. Trailers are dropped (RFC 9110, section 6.5.1):
    uvicorn would list them among the headers, behind the back of a proxy that vouches for those.
    """

    _in_head = False
    _began = False
    _head_bytes = 0
    _refusal: _Refused | None = None

    def data_received(self, data: bytes) -> None:
        self._began = False
        super().data_received(data)
        # The parser keeps an unfinished line to itself, so what it holds is counted here. The piece in which a
        # message begins may belong to the message before.
        if self._in_head and not self._began:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_LIMIT and not self.transport.is_closing():
                self._refusal = _too_large()
                self.send_400_response("")

    def on_message_begin(self) -> None:
        self._in_head, self._began, self._head_bytes = True, True, 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head = False
        try:
            self._require_sane_head()
        except _Refused as refusal:
            self._refusal = refusal
            raise
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Tell why and close. An answer that has begun is cut short instead: two in one would be taken for a pair."""
        if not self._is_answering():
            refusal = self._refusal or _Refused(400, "This is not a well-formed HTTP/1.1 request.")
            self.transport.write(copy_context().run(_written, refusal))
        self.transport.close()

    def _is_answering(self) -> bool:
        started: bool = getattr(self.cycle, "response_started", False)  # there is no cycle before the first request
        return started and not self.cycle.response_complete

    def _require_sane_head(self) -> None:
        size, hosts, codings = len(self.url), 0, []
        for name, value in self.headers:
            size += len(name) + len(value) + 4
            if name == b"host":
                hosts += 1
            elif name == b"transfer-encoding":
                codings.append(value.lower())
        if size > HEAD_LIMIT:
            raise _too_large()
        version = self.parser.get_http_version()
        if version not in ("1.0", "1.1"):
            raise _Refused(400, "Speak HTTP/1.1.")
        if hosts > 1 or (hosts == 0 and version == "1.1"):
            raise _Refused(400, "Send exactly one Host header.")
        if codings and (codings != [b"chunked"] or version == "1.0"):
            raise _Refused(400, "Transfer-Encoding may only be chunked.")

    def _unsupported_upgrade_warning(self) -> None:
        """Nothing: an upgrade may be ignored (RFC 9110, section 7.8), and no client shall fill our log."""


def _too_large() -> _Refused:
    return _Refused(431, f"Request target and headers may have {HEAD_LIMIT:,} bytes together.")


def _written(refusal: _Refused) -> bytes:
    request_id = take_request_id(None)
    answer = status_response(refusal.status, refusal.detail, {"Connection": "close"})
    answer.headers[REQUEST_ID_HEADER] = request_id
    return b"".join([STATUS_LINE[refusal.status], *_lines(answer), b"\r\n", bytes(answer.body)])


def _lines(answer: Response) -> list[bytes]:
    return [name + b": " + value + b"\r\n" for name, value in answer.raw_headers]
