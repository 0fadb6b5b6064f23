"""Settings: what does not fit is named, and production takes nothing weak."""

import pytest

from shared.process import CannotStart
from shared.settings import MailSettings, MigrationSettings, ServingSettings, load

STRONG = "q7Zr0VtWm3Xk9Bn1Jd5Hs8Lf2Gp6Yc4AeUiOoTyRw"
SERVING = {"CALLER_SIGNING_KEY": STRONG}
MAILING = SERVING | {
    "DATABASE_URL": "postgresql://app:pw@localhost/x",
    "DATABASE_LOOKUP_URL": "postgresql://look:pw@localhost/x",
    "DATA_ENCRYPTION_KEY": STRONG[::-1],
    "SMTP_URL": "smtp://localhost",
}
PRODUCTION = MAILING | {
    "ENVIRONMENT": "production",
    "AMQP_URL": "amqps://sparknode:pw@rabbit",
    "PUBLIC_URL": "https://id.example.com",
    "MAIL_FROM": "Company <id@example.com>",
}


@pytest.fixture(autouse=True)
def _nothing_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*PRODUCTION, "PORT", "HOST", "MAILBOX_DIR", "DATABASE_MIGRATION_URL"):
        monkeypatch.delenv(name, raising=False)


def set_all(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def test_they_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, SERVING | {"PORT": "0", "HOST": ""})
    settings = load(ServingSettings)
    assert (settings.port, settings.host) == (0, "127.0.0.1")


def test_a_missing_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CannotStart, match="DATABASE_MIGRATION_URL: is not set"):
        load(MigrationSettings)


def test_no_value_is_ever_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """CVE-2026-41181: the canary stands in no error."""
    set_all(monkeypatch, {"CALLER_SIGNING_KEY": "canary", "PORT": "canary"})
    with pytest.raises(CannotStart) as refused:
        load(ServingSettings)
    assert "canary" not in str(refused.value)
    assert "CALLER_SIGNING_KEY" in str(refused.value)
    assert "canary" not in repr(load(ServingSettings, caller_signing_key="canary" * 8, port=1))


@pytest.mark.parametrize("rest", ["canary/pw@host/x", "canary#pw@host/x", "canary?pw@host/x", "canary\u2100pw@host/x"])
@pytest.mark.parametrize("variable", ["AMQP_URL", "DATABASE_URL"])
def test_a_password_with_signs_that_are_not_escaped_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, variable: str, rest: str
) -> None:
    """It ends the host's name early, and what the library takes for a port then is a piece of it."""
    scheme = "amqp" if variable == "AMQP_URL" else "postgresql"
    set_all(monkeypatch, MAILING | {variable: f"{scheme}://user:{rest}"})
    with pytest.raises(CannotStart, match=f"{variable}: .*%2F") as refused:
        load(MailSettings)
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["postgresql://a:b@one:5432,[::1]:5432/x?target_session_attrs=primary", "postgresql:///x?host=/run/pg"]
)
def test_a_database_may_be_at_several_places_or_behind_a_socket(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    set_all(monkeypatch, MAILING | {"DATABASE_URL": url})
    assert load(MailSettings).database_url.get_secret_value() == url


def test_good_settings_do_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, PRODUCTION)
    assert load(MailSettings).in_production


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CALLER_SIGNING_KEY", "short"),
        ("CALLER_SIGNING_KEY", "a" * 64),
        ("CALLER_SIGNING_KEY", "your-super-secret-key-change-this"),
        ("DATA_ENCRYPTION_KEY", "0123456789" * 4),
        ("AMQP_URL", ""),
        ("AMQP_URL", "amqps://rabbit"),
        ("AMQP_URL", "amqps://guest:guest@rabbit"),
        ("AMQP_URL", "amqps://sparknode:pw@rabbit?no_verify_ssl=1"),
        ("SMTP_URL", ""),
        ("PUBLIC_URL", "http://id.example.com"),
        ("PUBLIC_URL", "https://id.example.com/?a=b"),
        ("ENVIRONMENT", "prod"),
    ],
)
def test_production_takes_nothing_weak(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    set_all(monkeypatch, PRODUCTION | {name: value})
    with pytest.raises(CannotStart, match=name):
        load(MailSettings)


def test_production_names_all_that_it_misses_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    with pytest.raises(CannotStart) as refused:
        load(MailSettings)
    _, *lines = str(refused.value).splitlines()
    assert [line.partition(":")[0].strip() for line in lines] == [
        "CALLER_SIGNING_KEY",
        "AMQP_URL",
        "DATABASE_URL",
        "DATABASE_LOOKUP_URL",
        "PUBLIC_URL",
        "SMTP_URL",
        "DATA_ENCRYPTION_KEY",
    ]


def test_published_events_are_forgotten_before_those_that_came_in(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, MAILING | {"OUTBOX_RETENTION_DAYS": "30", "INBOX_RETENTION_DAYS": "30"})
    with pytest.raises(CannotStart, match=r"INBOX_RETENTION_DAYS: .* OUTBOX_RETENTION_DAYS"):
        load(MailSettings)


def test_mails_must_go_somewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, MAILING | {"SMTP_URL": ""})
    with pytest.raises(CannotStart, match=r"MAILBOX_DIR: .*SMTP_URL"):
        load(MailSettings)
