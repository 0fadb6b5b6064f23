"""Contexts are made once and used for a while, each for one caller and one service."""

from dataclasses import replace
from datetime import timedelta

from gateway.authenticate.known_caller import KnownCaller
from gateway.contexts import USED_SECONDS, Contexts
from shared.clock import utc_now
from shared.contracts.caller import ContextSigner, ContextVerifier
from shared.contracts.tenancy import Role
from shared.ids import new_id
from tests.support.callers import SIGNING_KEY, a_caller


class Desk:
    """Contexts, and a clock that a test may turn."""

    def __init__(self) -> None:
        self.now = utc_now()
        self.contexts = Contexts(ContextSigner(SIGNING_KEY, "gateway", lambda: self.now))


def test_the_same_caller_gets_the_same_context_for_a_while() -> None:
    desk, caller = Desk(), KnownCaller(a_caller(new_id()))
    first = desk.contexts.of(caller, "auth")
    desk.now += timedelta(seconds=USED_SECONDS - 1)
    assert desk.contexts.of(caller, "auth") == first
    desk.now += timedelta(seconds=1)
    assert desk.contexts.of(caller, "auth") != first


def test_no_context_is_near_its_end_when_it_is_used() -> None:
    desk, caller = Desk(), KnownCaller(a_caller(new_id()))
    desk.contexts.of(caller, "auth")
    desk.now += timedelta(seconds=USED_SECONDS - 0.001)
    late = ContextVerifier(SIGNING_KEY, "auth", lambda: desk.now + timedelta(seconds=19))
    assert late.verify(desk.contexts.of(caller, "auth").decode()) == caller.caller


def test_a_clock_that_is_set_back_makes_a_new_one() -> None:
    desk, caller = Desk(), KnownCaller(a_caller(new_id()))
    first = desk.contexts.of(caller, "auth")
    desk.now -= timedelta(hours=1)
    assert desk.contexts.of(caller, "auth") != first


def test_callers_share_nothing_that_differ_in_anything() -> None:
    """CVE-2024-45624, CVE-2026-33496."""
    desk, caller = Desk(), a_caller(new_id())
    others = [
        replace(caller, tenant_id=new_id()),
        replace(caller, subject=new_id()),
        replace(caller, role=Role.MEMBER),
        replace(caller, permissions=frozenset()),
        replace(caller, session_id=new_id()),
        replace(caller, session_id=None, key_id=caller.session_id),
    ]
    known = [KnownCaller(who) for who in (caller, *others)]
    for who in (*known, *known):
        verifier = ContextVerifier(SIGNING_KEY, "auth", lambda: desk.now)
        assert verifier.verify(desk.contexts.of(who, "auth").decode()) == who.caller
    assert desk.contexts.of(None, "auth") not in {desk.contexts.of(who, "auth") for who in known}
    assert desk.contexts.of(known[0], "auth") != desk.contexts.of(known[0], "tenants")
