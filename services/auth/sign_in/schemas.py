"""The request body of a sign-in without a password."""

from uuid import UUID

from pydantic import Field

from shared.contracts.email import EmailField
from shared.http.models import Body


class SignInLinkBody(Body):
    """Who wants a link that signs them in."""

    email: EmailField
    tenant_id: UUID | None = Field(None, description="The tenant to act in.")
