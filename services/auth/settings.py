"""What the auth service reads from its environment."""

from datetime import timedelta

from pydantic import Field

from services.auth.domain.sessions import SessionLife
from shared.settings import MailSettings, Secret


class AuthSettings(MailSettings):
    """All that ``python -m services.auth`` takes."""

    jwt_secret_key: Secret = Field(
        description="Encrypts the private keys that sign access tokens; the same for all replicas of auth."
    )
    invitations_url: str = Field(
        "http://127.0.0.1:8003", pattern=r"^https?://[^/?#]+$", description="Where the invitations service answers."
    )
    tenants_url: str = Field(
        "http://127.0.0.1:8002", pattern=r"^https?://[^/?#]+$", description="Where the tenants service answers."
    )
    session_days: int = Field(30, ge=1, le=3650, description="After so many days everybody signs in anew.")
    session_idle_days: int = Field(14, ge=1, le=3650, description="A session that is not used for so many days ends.")
    password_threads: int = Field(
        2, ge=1, le=64, description="How many passwords are hashed side by side, each on a core of its own."
    )
    password_queue: int = Field(
        128,
        ge=0,
        le=10_000,
        description="How many more may wait for that; beyond them, people are asked to come again.",
    )
    password_memory_kib: int = Field(
        19 * 1024, ge=19 * 1024, le=4 * 1024 * 1024, description="Memory of one argon2id hash, in KiB."
    )
    password_passes: int = Field(2, ge=2, le=100, description="Passes of one argon2id hash over its memory.")

    @property
    def session_life(self) -> SessionLife:
        """How long sessions last."""
        return SessionLife(timedelta(days=self.session_days), timedelta(days=self.session_idle_days))
