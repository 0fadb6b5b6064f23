"""The patience of who sends mails."""

from itertools import pairwise

from shared.mail.worker import Patience


def test_patience_grows_to_its_limit_and_ends() -> None:
    patience = Patience()
    delays = [delay.total_seconds() for attempt in range(1, 12) if (delay := patience.delay_after(attempt))]
    assert len(delays) == 11
    assert 2.5 <= delays[0] <= 5
    assert all(1800 <= delay <= 3600 for delay in delays[-4:])
    assert all(later > earlier for earlier, later in pairwise(delays[:6]))
    assert patience.delay_after(12) is None
    assert patience.delay_after(13) is None


def test_patience_may_be_as_long_as_one_likes() -> None:
    assert Patience(attempts=10_000).delay_after(9_999) is not None


def test_mails_that_failed_together_do_not_come_back_together() -> None:
    assert len({Patience().delay_after(1) for _ in range(50)}) > 1
