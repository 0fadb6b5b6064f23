"""How name servers are written in the settings."""

import pytest
from pydantic import SecretStr

from services.tenants.settings import TenantsSettings
from shared.process import CannotStart
from shared.settings import load
from tests.support.callers import SIGNING_KEY


def servers(text: str) -> list[tuple[str, int]]:
    url = SecretStr("postgresql://somebody@localhost/tenants")
    settings = load(
        TenantsSettings,
        dns_servers=text,
        database_url=url,
        database_lookup_url=url,
        caller_signing_key=SecretStr(SIGNING_KEY),
    )
    return settings.name_servers


def test_with_and_without_port_and_for_both_kinds_of_addresses() -> None:
    assert servers("192.0.2.1, 192.0.2.2:5353,2001:db8::1,[2001:db8::2],[2001:db8::3]:5353") == [
        ("192.0.2.1", 53),
        ("192.0.2.2", 5353),
        ("2001:db8::1", 53),
        ("2001:db8::2", 53),
        ("2001:db8::3", 5353),
    ]


def test_without_any_the_machine_knows() -> None:
    assert servers("") == []


@pytest.mark.parametrize("text", ["dns.example", "192.0.2.1:", "192.0.2.1:0", "192.0.2.1:65536", "[::1", "192.0.2"])
def test_anything_else_is_named(text: str) -> None:
    with pytest.raises(CannotStart, match="DNS_SERVERS"):
        servers(text)
