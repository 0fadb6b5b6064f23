"""The settings that services have in common; each process has one frozen class made of these parts."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.addresses import taken_apart
from shared.mail.languages import Language
from shared.messaging.address import check_address, check_production_address
from shared.process import CannotStart

SHORTEST_SECRET = 32
FEWEST_CHARACTERS = 10  # a random key in hexadecimal has more different ones, a decimal number or a word has not
_EXAMPLES = ("change", "example", "secret", "password", "your-", "development", "sparknode")


class Environment(StrEnum):
    """Where a process runs; ``production`` refuses settings that are only good for a desk."""

    DEVELOPMENT = "development"
    TEST = "test"
    PRODUCTION = "production"


def for_production(info: ValidationInfo) -> bool:
    """Whether a field is judged for production. Each field by itself: all that do not fit are told at once."""
    return info.data.get("environment") is Environment.PRODUCTION


def _strong(secret: SecretStr, info: ValidationInfo) -> SecretStr:
    value = secret.get_secret_value()
    if len(value) < SHORTEST_SECRET:
        raise ValueError(f"needs at least {SHORTEST_SECRET} characters: make one with `openssl rand -base64 48`")
    if for_production(info) and _looks_made_up(value):
        raise ValueError("looks like an example: make a random one with `openssl rand -base64 48`")
    return secret


def _looks_made_up(value: str) -> bool:
    lowered = value.lower()
    return len(set(value)) <= FEWEST_CHARACTERS or any(word in lowered for word in _EXAMPLES)


Secret = Annotated[SecretStr, AfterValidator(_strong)]
"""A key of at least 32 characters; in production one that nobody could have typed."""


def _of_a_broker(url: SecretStr) -> SecretStr:
    check_address(url.get_secret_value())
    return url


BrokerUrl = Annotated[SecretStr, AfterValidator(_of_a_broker)]
"""Where RabbitMQ is, and who we are there."""


def _of_postgresql(url: SecretStr) -> SecretStr:
    if taken_apart(url.get_secret_value()).scheme not in {"postgresql", "postgres"}:
        raise ValueError("must look like postgresql://user:password@host:5432/database")
    return url


DatabaseUrl = Annotated[SecretStr, AfterValidator(_of_postgresql)]
"""Where a PostgreSQL database is, and who we are there."""


def _of_a_service(url: str) -> str:
    try:
        parts = urlsplit(url)
        if parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0 and not any(parts[2:]):
            return url
    except ValueError:
        pass
    raise ValueError("must look like http://host:port")


ServiceUrl = Annotated[str, AfterValidator(_of_a_service)]
"""Where a service answers."""


def _encrypted(url: str, info: ValidationInfo) -> str:
    if for_production(info) and not url.startswith("https://"):
        raise ValueError("must begin with https:// in production.")
    return url


PublicUrl = Annotated[str, StringConstraints(pattern=r"^https?://[^/?#]+(/[^?#]*[^/?#])?$"), AfterValidator(_encrypted)]
"""Where people find the product; in production nobody reads along on the way."""


class Settings(BaseSettings):
    """What every process reads from its environment."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    environment: Environment = Field(
        Environment.DEVELOPMENT,
        description="`development`, `test` or `production`; production refuses weak settings.",
    )
    log_level: str = Field(
        "info",
        pattern="(?i)^(debug|info|warning|error)$",
        description="The least important log lines to write: debug, info, warning, error.",
    )
    log_format: str = Field("json", pattern="^(json|console)$", description="`json` for machines, `console` for eyes.")

    @property
    def in_production(self) -> bool:
        """Whether weak settings are refused."""
        return self.environment is Environment.PRODUCTION


class ServingSettings(Settings):
    """What every process with an HTTP port reads."""

    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="The port to listen on; 0 takes a free one.")
    access_log_per_second: int = Field(
        100,
        ge=0,
        description="Log lines per second for requests that went well, and for 429 and 503; all others are logged.",
    )
    caller_signing_key: Secret = Field(
        description="Signs the caller context between gateway and services; the same for all of them."
    )
    amqp_url: BrokerUrl | None = Field(
        None,
        description="RabbitMQ: amqp://user:password@host:5672/vhost, or amqps:// for TLS, with ?cafile=… for an "
        "authority of one's own. Without it events wait in the outbox, except under `sparknode up`.",
    )

    @field_validator("amqp_url")
    @classmethod
    def _is_fit_for_production(cls, url: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if for_production(info):
            check_production_address(url.get_secret_value() if url else None)
        return url


class DatabaseSettings(ServingSettings):
    """What every service with a database reads."""

    database_url: DatabaseUrl = Field(description="The service's database, as the serving role.")
    database_lookup_url: DatabaseUrl = Field(
        description="The same database, as the role for the few statements that look across tenants."
    )
    worker_port: int | None = Field(
        None,
        ge=0,
        le=65535,
        description="Where `worker`, which serves nobody, tells /livez, /readyz and /metrics; nowhere without it.",
    )
    database_pool_size: int = Field(10, ge=1, le=200, description="The most connections per role and process.")
    events_prefetch: int = Field(
        500, ge=1, le=5000, description="How many events a service may have in hand, received and not settled."
    )
    events_delivery_limit: int = Field(
        20,
        ge=1,
        le=1000,
        description="An event that was received so often and never settled is put aside as a dead letter. It belongs "
        "to the queues: the same for all services, and changed only with new queues.",
    )
    outbox_retention_days: int = Field(
        7, ge=1, description="For so many days published events can be sent again (`sparknode events replay`)."
    )
    inbox_retention_days: int = Field(
        30, ge=2, description="For so many days an event that comes again is recognised; more than in the outbox."
    )

    @field_validator("inbox_retention_days")
    @classmethod
    def _recognises_what_is_sent_again(cls, days: int, info: ValidationInfo) -> int:
        if days <= info.data.get("outbox_retention_days", 0):
            raise ValueError("must be more than OUTBOX_RETENTION_DAYS.")
        return days


class MailSettings(DatabaseSettings):
    """What every service that sends mail reads."""

    public_url: PublicUrl = Field("http://localhost:8000", description="What links in mails begin with.")
    smtp_url: SecretStr | None = Field(
        None, description="The mail server: smtp://user:password@host:587?starttls=required, or smtps://…"
    )
    mail_from: str = Field("SparkNode <no-reply@localhost.localdomain>", description="The sender of all mails.")
    mail_language: Language = Field(Language.ENGLISH, description="The language of all mails: `en` or `de`.")
    mailbox_dir: Path | None = Field(
        None,
        description="Where mails are kept instead of being sent, for development; the gateway shows them.",
    )
    data_encryption_key: Secret = Field(
        description="Encrypts what waits in the database with a secret in it: mails with links, answers kept for "
        "who asks again."
    )

    @field_validator("smtp_url")
    @classmethod
    def _sends_real_mail_in_production(cls, url: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if for_production(info) and url is None:
            raise ValueError("production needs a mail server.")
        return url

    @field_validator("mailbox_dir")
    @classmethod
    def _mails_go_somewhere(cls, folder: Path | None, info: ValidationInfo) -> Path | None:
        if folder is None and info.data.get("smtp_url", ...) is None:
            raise ValueError("must say where mails go, when SMTP_URL does not.")
        return folder


class MigrationSettings(Settings):
    """What the migration step reads; no serving process ever sees the owner's URL."""

    database_migration_url: DatabaseUrl = Field(
        description="The service's database, as the role that owns its tables and may create roles."
    )
    database_url: DatabaseUrl = Field(description="The serving role to create, with its password.")
    database_lookup_url: DatabaseUrl = Field(description="The look-up role to create, with its password.")


S = TypeVar("S", bound=Settings)


def load(settings: type[S], **given: Any) -> S:
    """Read ``settings`` from the environment, except for what is ``given``.

    ``CannotStart`` names the variables that do not fit, never a value.
    """
    try:
        return settings(**given)
    except ValidationError as error:
        raise CannotStart("\n".join(_sentences(error))) from None


def _sentences(error: ValidationError) -> list[str]:
    lines = ["The settings do not fit:"]
    for problem in error.errors(include_input=False, include_url=False):
        variable = ".".join(str(part) for part in problem["loc"]).upper()
        message = "is not set" if problem["type"] == "missing" else problem["msg"].removeprefix("Value error, ")
        lines.append(f"  {variable}: {message}" if variable else f"  {message}")
    return lines
