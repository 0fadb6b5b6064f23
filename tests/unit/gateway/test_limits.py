"""Whose allowance a request is taken from."""

from uuid import UUID

import pytest

from gateway.limits.rates import Allowances, Limits, tighter
from gateway.problems import TooManyRequests
from gateway.rule import LimitClass
from shared.contracts.caller import Caller
from shared.contracts.tenancy import Role
from shared.ids import new_id

ORDINARY, SIGN_IN, SIGN_UP = LimitClass.ORDINARY, LimitClass.SIGN_IN, LimitClass.SIGN_UP


def still() -> float:
    """A clock that stands."""
    return 1000.0


def somebody(key_id: UUID | None = None, subject: UUID | None = None) -> Caller:
    return Caller(subject or new_id(), new_id(), Role.MEMBER, frozenset(), key_id=key_id)


def test_each_address_and_each_class_has_its_own() -> None:
    limits = Limits(Allowances(address={SIGN_IN: 1, SIGN_UP: 1}), still)
    limits.spend_address(SIGN_IN, "192.0.2.1")
    limits.spend_address(SIGN_UP, "192.0.2.1")
    limits.spend_address(SIGN_IN, "192.0.2.2")
    with pytest.raises(TooManyRequests) as refused:
        limits.spend_address(SIGN_IN, "192.0.2.1")
    assert refused.value.retry_after == pytest.approx(60.0)
    assert (refused.value.limit, refused.value.whose) == ("sign_in", "address")


def test_a_class_without_an_allowance_is_free() -> None:
    limits = Limits(Allowances(), still)
    for _ in range(10_000):
        assert limits.spend_address(SIGN_IN, "192.0.2.1") is None
        assert limits.spend_caller(ORDINARY, somebody()) is None


def test_an_account_has_one_allowance_wherever_it_calls_from() -> None:
    limits = Limits(Allowances(account={ORDINARY: 2}), still)
    person = somebody()
    elsewhere = somebody(subject=person.subject)
    limits.spend_caller(ORDINARY, person)
    limits.spend_caller(ORDINARY, elsewhere)
    with pytest.raises(TooManyRequests) as refused:
        limits.spend_caller(ORDINARY, person)
    assert refused.value.whose == "account"
    assert limits.spend_caller(ORDINARY, somebody())


def test_each_key_of_an_account_has_its_own_and_leaves_the_person_theirs() -> None:
    limits = Limits(Allowances(account={ORDINARY: 1}, key={ORDINARY: 1}), still)
    owner, key = new_id(), new_id()
    limits.spend_caller(ORDINARY, somebody(key, owner))
    limits.spend_caller(ORDINARY, somebody(new_id(), owner))
    limits.spend_caller(ORDINARY, somebody(subject=owner))
    with pytest.raises(TooManyRequests) as refused:
        limits.spend_caller(ORDINARY, somebody(key, owner))
    assert refused.value.whose == "key"


def test_the_client_is_told_of_the_limit_that_it_meets_first() -> None:
    limits = Limits(Allowances(address={ORDINARY: 5}, account={ORDINARY: 3}), still)
    told = tighter(limits.spend_address(ORDINARY, "192.0.2.1"), limits.spend_caller(ORDINARY, somebody()))
    assert told
    assert told.lines() == (
        b'ratelimit-policy: "account-ordinary";q=3;w=60\r\nratelimit: "account-ordinary";r=2;t=20\r\n'
    )
    assert tighter(None, told) is told is tighter(told, None)
    assert tighter(None, None) is None
