"""The signed contexts that tell a service who calls, each made once and used for a while."""

from collections import OrderedDict
from dataclasses import dataclass, field

from shared.contracts.caller import Caller, ContextSigner

USED_SECONDS = 10.0
"""Of the thirty for which a context is good: none reaches a service near its end."""

REMEMBERED = 10_000

Key = tuple[Caller | None, str]


@dataclass(slots=True)
class Contexts:
    """Contexts by caller and service, the most recently made ones; bounded.

    A caller is what a token says in full (person, tenant, role, permissions, session), so two callers never share
    one (CVE-2024-45624), and whoever was revoked meanwhile is refused before it comes to this.
    """

    signer: ContextSigner
    size: int = REMEMBERED
    _made: "OrderedDict[Key, tuple[bytes, float]]" = field(default_factory=OrderedDict)

    def of(self, caller: Caller | None, service: str) -> bytes:
        """The context of ``caller``, or of a request without a token, for ``service``."""
        now = self.signer.clock().timestamp()
        key = (caller, service)
        known = self._made.get(key)
        # Not before it was made, either: a clock that was set back makes it stale.
        if known is not None and 0 <= now - known[1] < USED_SECONDS:
            return known[0]
        signed = self.signer.for_caller(caller, service) if caller else self.signer.for_anonymous(service)
        context = signed.encode()
        self._made[key] = (context, now)
        self._made.move_to_end(key)
        if len(self._made) > self.size:
            self._made.popitem(last=False)
        return context
