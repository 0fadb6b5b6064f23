"""What a route is made of, and what it cannot be."""

import pytest

from gateway.routes import AUTH, ROUTES
from gateway.rule import BODY_LIMIT, Public, Rule


def test_only_what_changes_nothing_may_be_asked_twice() -> None:
    """RFC 9110, section 9.2.2: of what we have, that is GET; a DELETE that took effect would be told as 404."""
    assert {rule.method for rule in ROUTES if rule.may_repeat} == {"GET"}
    assert not Rule("GET", "/x", AUTH, Public(), repeat=False).may_repeat


def test_a_body_that_is_too_long_to_hold_must_stream() -> None:
    with pytest.raises(ValueError, match="must stream"):
        Rule("POST", "/x", AUTH, Public(), body_limit=BODY_LIMIT + 1)
