"""Trace context and request ids: taken when sane, made otherwise."""

import pytest

from shared.http.request_id import current_request_id, take_request_id
from shared.trace import continue_trace, current_trace

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


def test_a_trace_goes_on_under_a_new_span() -> None:
    continued = continue_trace(PARENT)
    assert continued != PARENT
    assert continued.split("-")[1] == TRACE
    assert current_trace() == continued


@pytest.mark.parametrize(
    "broken",
    [
        None,
        "",
        "x",
        PARENT.upper(),
        PARENT + "-00",
        PARENT.replace("00-", "ff-", 1),
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-{TRACE}-{'0' * 16}-01",
        PARENT + "\n",
    ],
)
def test_a_broken_trace_is_replaced(broken: str | None) -> None:
    """W3C Trace Context, section 3.2: an invalid traceparent is ignored."""
    made = continue_trace(broken)
    assert TRACE not in made
    assert len(made) == 55


def test_a_sane_request_id_is_taken() -> None:
    assert take_request_id("hr-tool.2026_42") == "hr-tool.2026_42"
    assert current_request_id() == "hr-tool.2026_42"


@pytest.mark.parametrize("odd", [None, "", "a b", "a\nb", "ü", "x" * 129, '{"a":1}', "id\r\nSet-Cookie: a=b"])
def test_an_odd_request_id_is_replaced(odd: str | None) -> None:
    taken = take_request_id(odd)
    assert taken != odd
    assert len(taken) == 36
