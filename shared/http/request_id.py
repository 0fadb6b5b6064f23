"""The id under which a request appears in answers, logs and the services behind."""

import re
from contextvars import ContextVar

from shared.ids import new_id_text

REQUEST_ID_HEADER = "x-request-id"
_SANE = re.compile(r"[A-Za-z0-9._-]{1,128}")

_current: ContextVar[str | None] = ContextVar("request_id", default=None)


def current_request_id() -> str | None:
    """The id of the request at hand."""
    return _current.get()


def take_request_id(received: str | None) -> str:
    """Take the client's id if it is harmless in a log line, else make one; it is current from now on."""
    request_id = received if received and _SANE.fullmatch(received) else new_id_text()
    _current.set(request_id)
    return request_id
