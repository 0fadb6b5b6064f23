"""What the invitations service reads from its environment."""

from pydantic import Field

from shared.settings import MailSettings, ServiceUrl


class InvitationsSettings(MailSettings):
    """All that ``python -m services.invitations`` takes. The addresses are for comparing replicas with their owners;
    no request waits for another service."""

    auth_url: ServiceUrl = Field("http://127.0.0.1:8001", description="Where auth answers.")
    tenants_url: ServiceUrl = Field("http://127.0.0.1:8002", description="Where the tenants service answers.")
