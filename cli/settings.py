"""What the commands read from the environment: where the product is, and how to run it on one machine."""

from pathlib import Path

from pydantic import Field, SecretStr

from cli.home import Home
from shared.settings import BrokerUrl, DatabaseUrl, Secret, Settings

DEFAULT_HOME = Path(".sparknode")


class CommandSettings(Settings):
    """What the commands for one machine share."""

    sparknode_home: Path = Field(
        DEFAULT_HOME, description="The folder of `sparknode up`: its data, secrets, mails, log and `dev.json`."
    )

    @property
    def home(self) -> Home:
        """The folder, by its full name."""
        return Home(self.sparknode_home.absolute())


class UpSettings(CommandSettings):
    """What `sparknode up` reads for itself; its services and gateway read their own settings beside these."""

    host: str = Field("127.0.0.1", description="The address that the gateway listens on.")
    port: int = Field(8000, ge=0, le=65535, description="The port that the gateway listens on; 0 takes a free one.")
    public_url: str | None = Field(
        None, description="What links in mails begin with; by default the gateway's address."
    )
    database_url: DatabaseUrl | None = Field(
        None,
        description="A PostgreSQL server to use instead of the embedded one, as a role that may create databases and "
        "roles: postgresql://user:password@host:5432/sparknode. The databases are sparknode_auth and so on.",
    )
    amqp_url: BrokerUrl | None = Field(None, description="RabbitMQ, to be used instead of handing events on inside.")
    smtp_url: SecretStr | None = Field(None, description="A mail server, to be used instead of the mailbox folder.")
    log_format: str = Field(
        "console", pattern="^(json|console)$", description="`json` for machines, `console` for eyes."
    )
    jwt_secret_key: Secret | None = Field(None, description="To be used instead of the one made at the first start.")
    caller_signing_key: Secret | None = Field(None, description="Likewise.")
    data_encryption_key: Secret | None = Field(None, description="Likewise.")
    jwt_secret_key_old: Secret | None = Field(
        None, description="The former JWT_SECRET_KEY, beside the new one, until `sparknode keys rewrap` has been run."
    )

    @property
    def given_keys(self) -> dict[str, Secret]:
        """Those that the environment has, by the names of the services' settings."""
        keys = {
            "jwt_secret_key": self.jwt_secret_key,
            "jwt_secret_key_old": self.jwt_secret_key_old,
            "caller_signing_key": self.caller_signing_key,
            "data_encryption_key": self.data_encryption_key,
        }
        return {name: key for name, key in keys.items() if key is not None}
