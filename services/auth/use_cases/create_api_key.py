"""Making an API key for a tool."""

from dataclasses import dataclass, field
from datetime import datetime

from services.auth.domain.api_keys import MOST_PER_TENANT, IssuedKey, require_issuable
from services.auth.errors.keys import TooManyApiKeys
from services.auth.repository import api_keys, memberships
from shared.clock import Clock
from shared.contracts.api_keys import ApiKey, Scope
from shared.contracts.auth import ApiKeyCreated
from shared.contracts.caller import Caller
from shared.contracts.tenancy import MembershipStatus
from shared.database import Database
from shared.errors import Forbidden
from shared.ids import new_id
from shared.messaging.outbox import tell


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key and, this once, its text."""

    issued: IssuedKey
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CreateApiKey:
    """Make a key that acts in the caller's tenant, within the caller's own rights as they are today."""

    database: Database
    clock: Clock

    async def __call__(
        self, caller: Caller, name: str, scopes: frozenset[Scope], expires_at: datetime | None
    ) -> NewKey:
        now, key = self.clock(), ApiKey.new(new_id())
        issued = IssuedKey(key.id, caller.tenant_id, key.hash, name, scopes, caller.subject, now, expires_at)
        async with self.database.transaction(caller.tenant_id) as tx:
            # Held, so that whoever removes the maker at this moment finds the key, or we no maker.
            maker = await memberships.lock(tx, caller.tenant_id, caller.subject)
            if maker is None or maker.status is not MembershipStatus.ACTIVE:
                raise Forbidden
            require_issuable(scopes, maker.role, caller.tenant_id, expires_at, at=now)
            await api_keys.take_turns(tx, caller.tenant_id)
            if await api_keys.count(tx, caller.tenant_id) >= MOST_PER_TENANT:
                raise TooManyApiKeys
            await api_keys.add(tx, issued)
            await tell(tx, _told(issued), clock=self.clock)
        return NewKey(issued, key.text)


def _told(key: IssuedKey) -> ApiKeyCreated:
    return ApiKeyCreated(
        key_id=key.id,
        tenant_id=key.tenant_id,
        name=key.name,
        scopes=sorted(key.scopes),
        created_by=key.created_by,
        expires_at=key.expires_at,
    )
