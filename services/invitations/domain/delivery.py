"""What became of the mail with the link."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DeliveryStatus(StrEnum):
    """``failed``: every attempt to send was in vain, or the invitation had ended before one was not; ``bounced``: the
    mail server refused the mail for good."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    BOUNCED = "bounced"


@dataclass(frozen=True, slots=True)
class Delivery:
    """How the newest mail of an invitation fared, since when, and if badly, why."""

    status: DeliveryStatus
    at: datetime
    error: str | None = None
