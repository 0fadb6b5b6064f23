"""What auth counts."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import Counter, Gauge

from shared.contracts.tenant_settings import SignInMethod
from shared.errors import Problem

SIGN_UPS = Counter("sign_ups_total", "Sign-ups by their path and what became of them", ["path", "outcome"])
PASSWORDS_IN_HAND = Gauge("passwords_in_hand", "Passwords that are being hashed or wait for that")
PASSWORDS_REFUSED = Counter("passwords_refused_total", "Passwords that were not looked at because too many waited")
BREACHED_PASSWORD_LOOK_UPS = Counter(
    "breached_password_look_ups_total", "New passwords that were looked up among stolen ones, by outcome", ["outcome"]
)
SIGN_INS = Counter("sign_ins_total", "Sign-ins by their method and what became of them", ["method", "outcome"])
SIGNING_KEYS_UNREADABLE = Gauge(
    "signing_keys_unreadable", "Signing keys in force that the JWT_SECRET_KEY of this process does not open"
)


@contextmanager
def counted_sign_up(path: str) -> Iterator[None]:
    """Count a sign-up: as ``accepted``, or by the code of the problem that refuses it."""
    with _counted(SIGN_UPS, path):
        yield


@contextmanager
def counted_sign_in(method: SignInMethod) -> Iterator[None]:
    """Count a sign-in: as ``accepted``, or by the code of the problem that refuses it."""
    with _counted(SIGN_INS, method):
        yield


@contextmanager
def _counted(counter: Counter, *labels: str) -> Iterator[None]:
    try:
        yield
    except Problem as problem:
        counter.labels(*labels, problem.code).inc()
        raise
    counter.labels(*labels, "accepted").inc()
