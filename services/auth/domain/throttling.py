"""How often something may be tried: some times freely, then after growing delays, never locked for good."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from ipaddress import ip_address, ip_network

FORGIVEN_AFTER = timedelta(days=1)
"""Tries are forgotten when the throttle has stood open for so long. Longer than the longest delay by far, so that
waiting for it never gives a guesser more tries than going on."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """``free`` tries (two or more) in a row; then one after ``first_delay``, which doubles up to ``longest_delay``.

    After ``window`` it begins anew in any case: for what is used by many, of whom somebody always errs.
    """

    free: int
    first_delay: timedelta
    longest_delay: timedelta
    window: timedelta = timedelta(days=36500)


class Attempt(StrEnum):
    """What is tried. Each kind counts for itself."""

    LOG_IN = "log_in"
    LOG_IN_FROM_NETWORK = "log_in_from_network"
    SIGN_UP = "sign_up"
    RESEND_VERIFICATION = "resend_verification"
    FORGOT_PASSWORD = "forgot_password"  # noqa: S105 - the name of an attempt
    SIGN_IN_LINK = "sign_in_link"

    @property
    def allowance(self) -> Allowance:
        """How much of it one subject is allowed."""
        match self:
            case Attempt.LOG_IN:
                return _GUESSES
            case Attempt.LOG_IN_FROM_NETWORK:
                return _GUESSES_OF_MANY
            case _:
                return _MAILS


# Some hundred guesses a day at the most, which no password that passes our rules fears.
_GUESSES = Allowance(10, timedelta(seconds=30), timedelta(minutes=15))
# A hundred wrong passwords in an hour are more than a big office has on a Monday; whoever tries one password at every
# account gets no further.
_GUESSES_OF_MANY = Allowance(100, timedelta(seconds=10), timedelta(minutes=5), window=timedelta(hours=1))
# So many mails in a row, then fewer and fewer: nobody's mailbox is flooded through us.
_MAILS = Allowance(5, timedelta(minutes=1), timedelta(hours=1))

_NETWORK_BITS = {4: 32, 6: 64}
"""What one household or office has: an address, or a /64 in which everybody chooses addresses at will."""


def network_on_the_internet(address: str) -> str | None:
    """For what tries from an address are counted; nothing for one of a private network, which is a proxy's, or ours."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return None
    return str(ip_network((parsed, _NETWORK_BITS[parsed.version]), strict=False)) if parsed.is_global else None
