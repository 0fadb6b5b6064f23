"""Who may ask how often, by class of route: every client address, every account, every API key."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gateway.limits.allowance import MOST_SECONDS, Allowance, Standing
from gateway.problems import TooManyRequests
from gateway.rule import LimitClass
from shared.contracts.caller import Caller

PerMinute = Mapping[LimitClass, int]


@dataclass(frozen=True, slots=True)
class Allowances:
    """Requests per minute by class of route, for each address, account and key. A class that is missing is free."""

    address: PerMinute = field(default_factory=dict)
    account: PerMinute = field(default_factory=dict)
    key: PerMinute = field(default_factory=dict)


class Limits:
    """Counts in this process alone. What protects one account from being guessed is counted in auth's database."""

    def __init__(self, allowances: Allowances, monotonic: Callable[[], float] = time.monotonic) -> None:
        def made(whose: str, per_minute: PerMinute) -> dict[LimitClass, Allowance]:
            return {limit: Allowance(f"{whose}{limit}", count, monotonic) for limit, count in per_minute.items()}

        self._by_address = made("", allowances.address)
        self._by_account = made("account-", allowances.account)
        self._by_key = made("key-", allowances.key)

    def spend_address(self, limit: LimitClass, address: str) -> Standing | None:
        """Take one from the address's allowance, before anything is done for it. ``TooManyRequests`` without one left.

        ``None`` where there is no limit.
        """
        allowance = self._by_address.get(limit)
        return _taken(allowance, limit, "address", address) if allowance else None

    def spend_caller(self, limit: LimitClass, caller: Caller) -> Standing | None:
        """Take one from the allowance of the caller's key, or account if there is no key, wherever it calls from."""
        if caller.key_id is not None:
            allowance = self._by_key.get(limit)
            return _taken(allowance, limit, "key", caller.key_id.int) if allowance else None
        allowance = self._by_account.get(limit)
        return _taken(allowance, limit, "account", caller.subject.int) if allowance else None


def tighter(one: Standing | None, other: Standing | None) -> Standing | None:
    """The one that a client meets first if it goes on asking."""
    if one is None or other is None:
        return one or other
    return one if one.left < other.left else other


def _taken(allowance: Allowance, limit: LimitClass, whose: str, name: str | int) -> Standing:
    standing = allowance.spend(name)
    if standing.full_in > MOST_SECONDS:
        raise TooManyRequests(limit, whose, standing.wait, standing)
    return standing
