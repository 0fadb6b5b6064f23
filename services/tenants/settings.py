"""What the tenants service reads from its environment."""

import re
from datetime import timedelta
from ipaddress import ip_address

from pydantic import Field, field_validator

from shared.settings import DatabaseSettings

DNS_PORT = 53


class TenantsSettings(DatabaseSettings):
    """All that ``python -m services.tenants`` takes."""

    dns_servers: str = Field(
        "",
        description="Name servers to ask for the proofs of domains, as 192.0.2.53,[2001:db8::53]:5353; the machine's "
        "own without any.",
    )
    domain_check_hours: int = Field(
        24, ge=1, le=720, description="So often it is looked whether the proof of a domain is still in the DNS."
    )
    domain_grace_hours: int = Field(
        72, ge=1, le=8760, description="A domain lapses when its proof has been missing for so long."
    )

    audit_retention_days: int = Field(
        400,
        ge=31,
        le=36_500,
        description="The audit trail goes back so far, by whole months: one is dropped when all of it is older.",
    )

    @field_validator("dns_servers")
    @classmethod
    def _is_a_list_of_addresses(cls, value: str) -> str:
        _addresses(value)
        return value

    @property
    def name_servers(self) -> list[tuple[str, int]]:
        """Each as address and port."""
        return _addresses(self.dns_servers)

    @property
    def domain_period(self) -> timedelta:
        """Between two looks at a proof."""
        return timedelta(hours=self.domain_check_hours)

    @property
    def audit_retention(self) -> timedelta:
        """How far back the audit trail goes."""
        return timedelta(days=self.audit_retention_days)

    @property
    def domain_grace(self) -> timedelta:
        """How long a proof may be missing."""
        return timedelta(hours=self.domain_grace_hours)


def _addresses(text: str) -> list[tuple[str, int]]:
    return [_address(part.strip()) for part in text.split(",") if part.strip()]


def _address(text: str) -> tuple[str, int]:
    """``192.0.2.53``, ``192.0.2.53:5353``, ``2001:db8::53`` or ``[2001:db8::53]:5353``; else ``ValueError``."""
    host, port = text, DNS_PORT
    if bracketed := re.fullmatch(r"\[(.+)\](?::(\d+))?", text):
        host, port = bracketed[1], int(bracketed[2] or DNS_PORT)
    elif text.count(":") == 1:
        host, _, given = text.partition(":")
        port = int(given)
    if not 0 < port < 2**16:
        raise ValueError(f"{text}: no such port")
    return str(ip_address(host)), port
