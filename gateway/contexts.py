"""The signed contexts that tell a service who calls, each made once and used for a while."""

from gateway.authenticate.known_caller import Context, KnownCaller
from shared.clock import seconds_of
from shared.contracts.caller import ContextSigner

USED_SECONDS = 10.0
"""Of the thirty for which a context is good: none reaches a service near its end."""


class Contexts:
    """Contexts by caller and service, kept with the caller.

    Whoever was revoked meanwhile is refused before it comes to this, also after a body that was long in coming and is
    taken in whole.
    """

    def __init__(self, signer: ContextSigner) -> None:
        self._signer = signer
        self._now = seconds_of(signer.clock)
        self._of_nobody: dict[str, Context] = {}

    def of(self, known: KnownCaller | None, service: str) -> bytes:
        """The context of the caller, or of a request without a token, for ``service``."""
        contexts = self._of_nobody if known is None else known.contexts
        now = self._now()
        made = contexts.get(service)
        # Not before it was made, either: a clock that was set back makes it stale.
        if made is not None and 0 <= now - made[1] < USED_SECONDS:
            return made[0]
        signer = self._signer
        context = (signer.for_caller(known.caller, service) if known else signer.for_anonymous(service)).encode()
        contexts[service] = (context, now)
        return context
