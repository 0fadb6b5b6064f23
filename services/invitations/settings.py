"""What the invitations service reads from its environment."""

from shared.settings import MailSettings


class InvitationsSettings(MailSettings):
    """All that ``python -m services.invitations`` takes; nothing beyond what every service that sends mail does."""
