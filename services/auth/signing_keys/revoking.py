"""Lets every gateway know that a key is gone."""

from uuid import UUID

from services.auth.domain.api_keys import IssuedKey
from shared.contracts.auth import ApiKeyRevoked


def told(key: IssuedKey, *, by: UUID) -> ApiKeyRevoked:
    """What the others hear of it."""
    return ApiKeyRevoked(key_id=key.id, tenant_id=key.tenant_id, name=key.name, revoked_by=by)
