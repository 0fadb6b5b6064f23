"""W3C Trace Context (Level 1): one id that follows a request through services and events."""

import re
from contextvars import ContextVar
from random import randbytes

TRACE_HEADER = "traceparent"
_SHAPE = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")

_current: ContextVar[str | None] = ContextVar("traceparent", default=None)


def current_trace() -> str | None:
    """The ``traceparent`` of the request or event at hand."""
    return _current.get()


def continue_trace(received: str | None) -> str:
    """Go on with a received ``traceparent`` under a new span id; begin a trace when there is none, or a broken one."""
    if received and _SHAPE.fullmatch(received):
        version, trace_id, _, flags = received.split("-")
        made = f"{version}-{trace_id}-{_random(8)}-{flags}"
    else:
        random = _random(24)
        made = f"00-{random[:32]}-{random[32:]}-01"
    _current.set(made)
    return made


def _random(octets: int) -> str:
    return randbytes(octets).hex()  # noqa: S311 - that nobody else has, and no secret
