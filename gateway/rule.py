"""What a route of the public surface is made of."""

from dataclasses import dataclass
from enum import StrEnum

from gateway.patience import PATIENCE, Patience
from shared.contracts.permissions import Permission

BODY_LIMIT = 64 * 1024


@dataclass(frozen=True, slots=True)
class Public:
    """Anyone. A token that comes along is not looked at, so that a stale one keeps nobody from signing in."""


@dataclass(frozen=True, slots=True)
class OptionalCaller:
    """Anyone; who sends a token must send a good one, and is known to the service."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Whoever holds a good token."""


@dataclass(frozen=True, slots=True)
class Needs:
    """Whoever holds a good token whose role has ``permission``."""

    permission: Permission


Access = Public | OptionalCaller | SignedIn | Needs


class LimitClass(StrEnum):
    """Which allowance of the client's address, and of its account or key, a request is taken from."""

    SIGN_IN = "sign_in"
    """Where passwords can be guessed."""

    SIGN_UP = "sign_up"
    """What makes an account or sends a mail."""

    PREVIEW = "preview"
    """What tells a stranger something of a tenant."""

    BULK = "bulk"
    """What makes a service work for long: exports."""

    ORDINARY = "ordinary"
    UNLIMITED = "unlimited"
    """For probes; costs next to nothing."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One route: who may use it, which service answers it, and within which limits.

    ``path`` may have whole segments in braces that stand for any value. There is no default for ``access``.
    """

    method: str
    path: str
    service: str
    access: Access
    limit: LimitClass = LimitClass.ORDINARY
    body_limit: int = BODY_LIMIT
    exports: tuple[str, ...] = ()
    """The media types in which it answers with a whole file where one is preferred; such a request counts as bulk."""

    cookie: bool = False
    """Whether the refresh cookie passes, in both directions."""

    streams: bool = False
    """Whether a body is passed on as it comes. If not, it is taken in whole before the service is bothered."""

    patience: Patience = PATIENCE
    """How long the service may take."""

    repeat: bool = True
    """Whether a GET that died on the way before an answer began may be sent once more."""

    def __post_init__(self) -> None:
        if self.body_limit > BODY_LIMIT and not self.streams:
            raise ValueError(f"{self.method} {self.path}: a body that long must stream")

    @property
    def is_public(self) -> bool:
        """Whether nobody is asked who they are."""
        return isinstance(self.access, Public)

    @property
    def is_optional(self) -> bool:
        """Whether nobody has to say who they are."""
        return isinstance(self.access, OptionalCaller)

    @property
    def may_repeat(self) -> bool:
        """Whether asking twice is the same as asking once (RFC 9110, section 9.2.2), and allowed here."""
        return self.repeat and self.method == "GET"
