"""Request and response bodies of API keys."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from services.auth.domain.api_keys import IssuedKey, KeyRights
from services.auth.schemas import ONE_LINE, VISIBLE
from services.auth.use_cases.create_api_key import NewKey
from shared.contracts.api_keys import Scope
from shared.contracts.permissions import Permission
from shared.contracts.tenancy import Role
from shared.http.models import Answer, Body, Instant, PageQuery, Timestamp

LONGEST_KEY_NAME = 100

KeyName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_KEY_NAME, pattern=ONE_LINE),
    VISIBLE,
]
"""What a key is called, on one line."""


class NewApiKeyBody(Body):
    """A key for a tool."""

    name: KeyName = Field(description="Which tool it is for, so that it is found again.")
    scopes: list[Scope] = Field(min_length=1, max_length=len(Scope), description="What it may do.")
    expires_at: Instant | None = Field(None, description="When it stops working; never if left out.")


class ApiKeyBody(Answer):
    """A key, without what makes it work."""

    id: UUID
    name: str
    prefix: str = Field(description="How the key begins.")
    scopes: list[Scope]
    created_by: UUID
    created_at: Timestamp
    expires_at: Timestamp | None
    last_used_at: Timestamp | None = Field(description="To the minute or so.")

    @classmethod
    def of(cls, key: IssuedKey) -> "ApiKeyBody":
        """What admins of its tenant see."""
        return cls(**_shown(key))


class NewApiKeyAnswer(ApiKeyBody):
    """A key that has just been made."""

    secret: str = Field(description="The whole key, this once. Send it as a bearer token.")

    @classmethod
    def with_secret(cls, made: NewKey) -> "NewApiKeyAnswer":
        """What only whoever made it sees, and only now."""
        return cls(**_shown(made.issued), secret=made.secret)


def _shown(key: IssuedKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "prefix": key.prefix,
        "scopes": sorted(key.scopes),
        "created_by": key.created_by,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "last_used_at": key.last_used_at,
    }


class ApiKeyQuery(PageQuery):
    """Which part of the list is wanted."""


class KeyCheckBody(Body):
    """A key that somebody showed: its id, and the SHA-256 of the whole in hexadecimal."""

    key_id: UUID
    hash: str = Field(pattern=r"^[0-9a-f]{64}$")


class KeyHolderBody(Answer):
    """What a good key stands for."""

    key_id: UUID
    tenant_id: UUID
    role: Role
    permissions: list[Permission]
    expires_at: Timestamp | None

    @classmethod
    def of(cls, rights: KeyRights) -> "KeyHolderBody":
        """What a gateway makes a caller of."""
        return cls(
            key_id=rights.key_id,
            tenant_id=rights.tenant_id,
            role=rights.role,
            permissions=sorted(rights.permissions),
            expires_at=rights.expires_at,
        )


class KeyCheckAnswer(Answer):
    """``holder`` is null for a key that opens nothing."""

    holder: KeyHolderBody | None
