"""What the gateway refuses to start with."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from gateway.app import surface
from gateway.limits.rates import Allowances
from gateway.rule import LimitClass
from gateway.settings import GatewaySettings
from tests.support.callers import SIGNING_KEY

PRODUCTION = {
    "environment": "production",
    "caller_signing_key": "Zq8vN3xK7mR2tW5yB9dF4gH6jL1pS0cA8eU3iO7k",
    "amqp_url": "amqp://sparknode:pw@rabbit",
    "public_url": "https://id.company.com",
}


def settings(**given: Any) -> GatewaySettings:
    return GatewaySettings(**({"environment": "test", "caller_signing_key": SIGNING_KEY} | given))


def test_production_starts_with_what_is_fit_for_it() -> None:
    assert settings(**PRODUCTION).in_production


WEAK = {
    "caller_signing_key": "your-secret-key-change-this-in-production",
    "amqp_url": None,
    "public_url": "http://id.company.com",
    "limits": "off",
    "cors_origins": "http://app.company.com",
}


@pytest.mark.parametrize("names", [*((name,) for name in WEAK), tuple(WEAK)])
def test_production_refuses_what_is_not_and_names_all_of_it(names: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError) as refused:
        settings(**(PRODUCTION | {name: WEAK[name] for name in names}))
    assert tuple(problem["loc"][0] for problem in refused.value.errors()) == names


@pytest.mark.parametrize(
    "change",
    [
        {"trusted_proxies": "everybody"},
        {"limits": "maybe"},
        {"auth_url": "auth:8001"},
        {"auth_url": "http://auth:8001/path"},
        {"auth_url": "http://auth:80001"},
        {"auth_url": "http://auth:port"},
        {"public_url": "http://localhost:8000/"},
        {"limit_sign_in": 0},
        {"cors_origins": "*"},
        {"cors_origins": "https://app.company.com,null"},
        {"proxy_header": "x-real-ip"},
        {"caller_signing_key": "short"},
    ],
)
def test_what_does_not_fit_is_refused_anywhere(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings(**change)


def test_limits_are_on_unless_they_are_off() -> None:
    limited = settings().allowances
    assert limited.address.keys() == set(LimitClass) - {LimitClass.UNLIMITED}
    assert limited.account.keys() == limited.key.keys() == {LimitClass.BULK, LimitClass.ORDINARY}
    assert settings(limits="off").allowances == Allowances()


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({}, False),
        ({"mailbox_dir": Path("mails")}, True),
        ({"mailbox_dir": Path("mails"), "smtp_url": "smtp://mail"}, False),
        (PRODUCTION | {"mailbox_dir": Path("mails")}, False),
    ],
)
def test_the_mailbox_is_there_in_development_only(given: dict[str, Any], shown: bool) -> None:
    assert ("/dev/mailbox" in {rule.path for rule in surface(settings(**given))}) is shown


def test_metrics_are_not_on_the_public_port_in_production() -> None:
    assert "/metrics" in {rule.path for rule in surface(settings())}
    assert "/metrics" not in {rule.path for rule in surface(settings(**PRODUCTION))}
