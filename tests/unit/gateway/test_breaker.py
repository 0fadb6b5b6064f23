"""A service that does not answer is left alone, and asked now and then."""

import pytest

from gateway.problems import ServiceUnavailable
from gateway.upstream.breaker import FAILURES, REST_SECONDS, Breaker


class Service:
    """A breaker, and a clock that a test may turn."""

    def __init__(self) -> None:
        self.now = 0.0
        self.breaker = Breaker(lambda: self.now)

    def fails(self, times: int) -> None:
        for _ in range(times):
            self.breaker.admit()
            self.breaker.failed()

    def is_left_alone(self) -> bool:
        try:
            self.breaker.admit()
        except ServiceUnavailable:
            return True
        return False


def test_a_few_failures_are_nothing() -> None:
    service = Service()
    service.fails(FAILURES - 1)
    assert not service.is_left_alone()


def test_many_in_a_row_are_an_outage() -> None:
    service = Service()
    service.fails(FAILURES)
    with pytest.raises(ServiceUnavailable) as refused:
        service.breaker.admit()
    assert refused.value.retry_after == REST_SECONDS


def test_a_success_in_between_makes_it_no_row() -> None:
    service = Service()
    service.fails(FAILURES - 1)
    service.breaker.succeeded()
    service.fails(FAILURES - 1)
    assert not service.is_left_alone()


def test_after_a_rest_one_may_try_and_the_others_wait() -> None:
    service = Service()
    service.fails(FAILURES)
    service.now = REST_SECONDS
    assert not service.is_left_alone()
    assert service.is_left_alone()


def test_a_trial_that_succeeds_lets_everybody_in_and_one_that_fails_nobody() -> None:
    service = Service()
    service.fails(FAILURES)
    service.now = REST_SECONDS
    service.fails(1)
    assert service.is_left_alone()
    service.now += REST_SECONDS
    assert not service.is_left_alone()
    service.breaker.succeeded()
    assert not service.is_left_alone()
    assert not service.is_left_alone()
