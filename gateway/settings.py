"""What the gateway reads from its environment."""

from pathlib import Path

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from gateway.cors import parse_origins
from gateway.limits.client_address import Network, ProxyHeader, parse_networks
from gateway.limits.rates import Allowances
from gateway.routes import AUTH, INVITATIONS, TENANTS
from gateway.rule import LimitClass
from shared.settings import PublicUrl, ServiceUrl, ServingSettings, for_production


class GatewaySettings(ServingSettings):
    """All that ``python -m gateway`` takes."""

    public_url: PublicUrl = Field(
        "http://localhost:8000", description="The address that clients use; access tokens name it as their issuer."
    )
    auth_url: ServiceUrl = Field("http://127.0.0.1:8001", description="Where auth answers.")
    tenants_url: ServiceUrl = Field("http://127.0.0.1:8002", description="Where tenants answers.")
    invitations_url: ServiceUrl = Field("http://127.0.0.1:8003", description="Where the invitations service answers.")
    metrics_port: int | None = Field(
        None,
        ge=0,
        le=65535,
        description="A port of its own for /metrics, /livez and /readyz; in production the only place for /metrics.",
    )
    trusted_proxies: str = Field(
        "",
        description="Networks of the proxies in front, as 10.0.0.0/8,192.0.2.7; only what they say of a client counts.",
    )
    proxy_header: ProxyHeader = Field(
        ProxyHeader.X_FORWARDED_FOR,
        description="Where they say it: `x-forwarded-for`, or `forwarded` (RFC 7239); the other one is ignored.",
    )
    limits: str = Field(
        "on",
        pattern="^(on|off)$",
        description="`off` lifts the limits below, for tests and load generators; never in production. What auth "
        "counts for each account stays.",
    )
    limit_sign_in: int = Field(60, ge=1, description="Sign-ins per minute and client address, or IPv6 /64.")
    limit_sign_up: int = Field(30, ge=1, description="Sign-ups and mails per minute and client address.")
    limit_preview: int = Field(
        60, ge=1, description="Looks at invitations and enrolment per minute and client address."
    )
    limit_bulk: int = Field(60, ge=1, description="Exports per minute and client address.")
    limit_ordinary: int = Field(3000, ge=1, description="All other requests per minute and client address.")
    limit_account_bulk: int = Field(20, ge=1, description="Exports per minute of one person.")
    limit_account_ordinary: int = Field(1200, ge=1, description="All other requests per minute of one person.")
    limit_key_bulk: int = Field(30, ge=1, description="Exports per minute with one API key.")
    limit_key_ordinary: int = Field(1200, ge=1, description="All other requests per minute with one API key.")
    cors_origins: str = Field(
        "",
        description="Origins whose pages may call us, as https://app.company.com,https://hr.company.com.",
    )
    max_requests: int = Field(
        1000, ge=1, description="Requests that may be in hand at once; who comes beyond that gets 503."
    )
    max_requests_per_service: int = Field(
        400, ge=1, description="The same for each service, so that a slow one takes only its part."
    )
    max_connections: int = Field(
        16_000, ge=1, description="Connections of clients that may be open; needs as many files (`ulimit -n`)."
    )
    max_connections_per_address: int = Field(
        500,
        ge=1,
        description="The same for each address, not counting connections over which a good token came; "
        "`TRUSTED_PROXIES` may have any number.",
    )
    smtp_url: SecretStr | None = Field(
        None, description="The services' mail server; with one there is no development mailbox."
    )
    mailbox_dir: Path | None = Field(
        None, description="Where the services keep mails instead of sending them; shown at /dev/mailbox."
    )

    @field_validator("trusted_proxies")
    @classmethod
    def _is_a_list_of_networks(cls, value: str) -> str:
        parse_networks(value)
        return value

    @field_validator("cors_origins")
    @classmethod
    def _is_a_list_of_origins(cls, value: str, info: ValidationInfo) -> str:
        origins = parse_origins(value)
        if for_production(info) and any(origin.startswith("http://") for origin in origins):
            raise ValueError("must begin with https:// in production.")
        return value

    @field_validator("limits")
    @classmethod
    def _are_on_in_production(cls, value: str, info: ValidationInfo) -> str:
        if for_production(info) and value == "off":
            raise ValueError("cannot be off in production.")
        return value

    @property
    def service_urls(self) -> dict[str, str]:
        """Where each service answers."""
        return {AUTH: self.auth_url, TENANTS: self.tenants_url, INVITATIONS: self.invitations_url}

    @property
    def trusted_networks(self) -> tuple[Network, ...]:
        """Whose word on a client's address counts."""
        return parse_networks(self.trusted_proxies)

    @property
    def max_connections_of_one(self) -> int | None:
        """How many connections of one address nobody has vouched for; any number with ``LIMITS=off``."""
        return None if self.limits == "off" else self.max_connections_per_address

    @property
    def origins(self) -> tuple[str, ...]:
        """Whose pages may read our answers."""
        return parse_origins(self.cors_origins)

    @property
    def allowances(self) -> Allowances:
        """Requests per minute by class of route; none at all with ``LIMITS=off``."""
        if self.limits == "off":
            return Allowances()
        return Allowances(
            address={
                LimitClass.SIGN_IN: self.limit_sign_in,
                LimitClass.SIGN_UP: self.limit_sign_up,
                LimitClass.PREVIEW: self.limit_preview,
                LimitClass.BULK: self.limit_bulk,
                LimitClass.ORDINARY: self.limit_ordinary,
            },
            account={LimitClass.BULK: self.limit_account_bulk, LimitClass.ORDINARY: self.limit_account_ordinary},
            key={LimitClass.BULK: self.limit_key_bulk, LimitClass.ORDINARY: self.limit_key_ordinary},
        )

    @property
    def mailbox(self) -> Path | None:
        """The folder of the development mailbox, where there is one."""
        return None if self.in_production or self.smtp_url else self.mailbox_dir
