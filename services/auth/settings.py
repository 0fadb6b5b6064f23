"""What the auth service reads from its environment."""

from datetime import timedelta

from pydantic import Field, ValidationInfo, field_validator

from services.auth.domain.sessions import SessionLife
from services.auth.signing_keys.sealing import KeySealer
from shared.settings import MailSettings, Secret, ServiceUrl, for_production

HARD_MEMORY_KIB, HARD_PASSES = 19 * 1024, 2
"""The least that OWASP's cheat sheet on password storage asks of argon2id."""


class AuthSettings(MailSettings):
    """All that ``python -m services.auth`` takes."""

    jwt_secret_key: Secret = Field(
        description="Encrypts the private keys that sign access tokens; the same for all replicas of auth."
    )
    jwt_secret_key_old: Secret | None = Field(
        None, description="The former JWT_SECRET_KEY, beside the new one, until `sparknode keys rewrap` has been run."
    )
    signing_key_days: int = Field(
        90, ge=1, le=3650, description="After so many days a new key takes over signing access tokens."
    )
    invitations_url: ServiceUrl = Field("http://127.0.0.1:8003", description="Where the invitations service answers.")
    tenants_url: ServiceUrl = Field("http://127.0.0.1:8002", description="Where the tenants service answers.")
    session_days: int = Field(30, ge=1, le=3650, description="After so many days everybody signs in anew.")
    session_idle_days: int = Field(14, ge=1, le=3650, description="A session that is not used for so many days ends.")
    sign_in_link_minutes: int = Field(
        10, ge=5, le=60, description="For so long a mailed link signs somebody in, where the tenant allows that method."
    )
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
        HARD_MEMORY_KIB,
        ge=8,
        le=4 * 1024 * 1024,
        description="Memory of one argon2id hash, in KiB; in production 19456 or more.",
    )
    password_passes: int = Field(
        HARD_PASSES, ge=1, le=100, description="Passes of one argon2id hash over its memory; in production 2 or more."
    )
    breached_passwords_url: str | None = Field(
        None,
        pattern=r"^https?://[^/?#\s]+(/[^?#\s]*)?$",
        description="Where it is asked whether a new password was stolen elsewhere, by five digits of its SHA-1: "
        "https://api.pwnedpasswords.com/range, or a copy of one's own. Nobody is asked without it.",
    )

    @field_validator("password_memory_kib", "password_passes")
    @classmethod
    def _hashes_hard_in_production(cls, value: int, info: ValidationInfo) -> int:
        least = HARD_PASSES if info.field_name == "password_passes" else HARD_MEMORY_KIB
        if for_production(info) and value < least:
            raise ValueError(f"must be {least} or more in production.")
        return value

    @property
    def session_life(self) -> SessionLife:
        """How long sessions last."""
        return SessionLife(timedelta(days=self.session_days), timedelta(days=self.session_idle_days))

    @property
    def sign_in_link_life(self) -> timedelta:
        """How long a link that signs in is good."""
        return timedelta(minutes=self.sign_in_link_minutes)

    @property
    def signing_key_age(self) -> timedelta:
        """How old the newest signing key gets."""
        return timedelta(days=self.signing_key_days)

    @property
    def key_sealer(self) -> KeySealer:
        """Opens and seals the signing keys."""
        former = self.jwt_secret_key_old.get_secret_value() if self.jwt_secret_key_old else None
        return KeySealer.from_secret(self.jwt_secret_key.get_secret_value(), former)
