"""What the invitations service reads from its environment."""

from pydantic import Field

from shared.settings import MailSettings


class InvitationsSettings(MailSettings):
    """All that ``python -m services.invitations`` takes. The addresses are for comparing replicas with their owners;
    no request waits for another service."""

    auth_url: str = Field("http://127.0.0.1:8001", pattern=r"^https?://[^/?#]+$", description="Where auth answers.")
    tenants_url: str = Field(
        "http://127.0.0.1:8002", pattern=r"^https?://[^/?#]+$", description="Where the tenants service answers."
    )
