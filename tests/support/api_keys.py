"""API keys, and an auth that knows some of them."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from gateway.authenticate.api_keys import ApiKeys, KeyAnswer, KeyHolder
from shared.clock import utc_now
from shared.contracts.api_keys import ApiKey, Scope
from shared.contracts.tenancy import Role
from shared.ids import new_id


def a_key() -> ApiKey:
    """One in good form."""
    return ApiKey.new(new_id())


@dataclass(slots=True)
class Known:
    """Stands in for auth: answers for the keys that it was given, and counts how often it is asked."""

    holders: dict[UUID, KeyHolder] = field(default_factory=dict)
    asked: int = 0

    def add(self, tenant_id: UUID | None = None, expires_at: datetime | None = None) -> ApiKey:
        """A good key."""
        key = a_key()
        self.holders[key.id] = KeyHolder(
            key_id=key.id,
            tenant_id=tenant_id or new_id(),
            role=Role.HR,
            permissions=frozenset({Scope.USERS_READ.permission}),
            expires_at=expires_at,
        )
        return key

    async def ask(self, key: ApiKey) -> KeyAnswer:
        """As auth would answer."""
        self.asked += 1
        return KeyAnswer(holder=self.holders.get(key.id))


def api_keys(known: Known | None = None) -> ApiKeys:
    """A gateway's memory of keys, before an auth that knows those of ``known``."""
    return ApiKeys((known or Known()).ask, utc_now)
