"""What auth's settings refuse in production."""

from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from services.auth.settings import AuthSettings
from tests.support.passwords import EASY, HARD

PRODUCTION: dict[str, Any] = {
    "environment": "production",
    "database_url": SecretStr("postgresql://auth:pw@db/auth"),
    "database_lookup_url": SecretStr("postgresql://auth_lookup:pw@db/auth"),
    "amqp_url": SecretStr("amqps://sparknode:q7Zr0VtWm3Xk9Bn1Jd5Hs8Lf2Gp6Yc4A@rabbit.company.com"),
    "caller_signing_key": SecretStr("Zq8vN3xK7mR2tW5yB9dF4gH6jL1pS0cA8eU3iO7k"),
    "data_encryption_key": SecretStr("dF4gH6jL1pS0cA8eU3iO7kZq8vN3xK7mR2tW5yB9"),
    "jwt_secret_key": SecretStr("R2tW5yB9dF4gH6jL1pS0cA8eU3iO7kZq8vN3xK7m"),
    "smtp_url": SecretStr("smtps://mail.company.com"),
    "mail_from": "Company <id@company.com>",
    "public_url": "https://id.company.com",
}


def test_production_takes_what_hashes_passwords_hard() -> None:
    assert AuthSettings(**PRODUCTION, **HARD).in_production


@pytest.mark.parametrize("name", EASY)
def test_production_refuses_to_hash_passwords_easily(name: str) -> None:
    with pytest.raises(ValidationError, match=name):
        AuthSettings(**PRODUCTION, **(HARD | {name: EASY[name]}))
