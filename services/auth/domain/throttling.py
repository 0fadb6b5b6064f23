"""How often something may be tried: some times freely, then after growing delays, never locked for good."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

FORGIVEN_AFTER = timedelta(days=1)
"""Tries are forgotten when the throttle has stood open for so long. Longer than the longest delay by far, so that
waiting for it never gives a guesser more tries than going on."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """``free`` tries (two or more) in a row; then one after ``first_delay``, which doubles up to ``longest_delay``."""

    free: int
    first_delay: timedelta
    longest_delay: timedelta


class Attempt(StrEnum):
    """What is tried. Each kind counts for itself."""

    LOG_IN = "log_in"
    SIGN_UP = "sign_up"
    RESEND_VERIFICATION = "resend_verification"
    FORGOT_PASSWORD = "forgot_password"  # noqa: S105 - the name of an attempt

    @property
    def allowance(self) -> Allowance:
        """How much of it one subject is allowed."""
        return _GUESSES if self is Attempt.LOG_IN else _MAILS


# Some hundred guesses a day at the most, which no password that passes our rules fears.
_GUESSES = Allowance(10, timedelta(seconds=30), timedelta(minutes=15))
# So many mails in a row, then fewer and fewer: nobody's mailbox is flooded through us.
_MAILS = Allowance(5, timedelta(minutes=1), timedelta(hours=1))
