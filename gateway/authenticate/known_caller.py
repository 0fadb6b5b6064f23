"""A caller whose token was found good, and what is said of them with each request, made once."""

from shared.contracts.caller import Caller

Context = tuple[bytes, float]
"""Signed, and when."""


class KnownCaller:
    """Kept for as long as the token, or the answer about the key, that it was made of.

    So no two tokens share anything of it, whoever they speak for (CVE-2024-45624).
    """

    __slots__ = ("caller", "contexts", "logged", "tenant")

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        tenant_id = str(caller.tenant_id)
        self.tenant = tenant_id.encode()
        self.logged = {"tenant_id": tenant_id, "user_id": str(caller.subject)}
        self.contexts: dict[str, Context] = {}
        """By service (``contexts.py``)."""
