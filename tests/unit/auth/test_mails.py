"""What the mails of auth say."""

from datetime import UTC, datetime

import pytest

from services.auth.postbox import TEMPLATES
from shared.contracts.email import parse_email
from shared.mail.languages import Language
from shared.mail.message import Mail
from shared.mail.templates import MailTemplates

ANNA = parse_email("anna@company.com")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LINK = "https://id.example.com/verify-email?token=abc"
VALUES: dict[str, dict[str, object]] = {
    "verification": {
        "tenant": "A & B",
        "link": LINK,
        "hours": 24,
        "at": NOON,
        "with_password": True,
    },
    "account_exists": {
        "name": "A & B",
        "tenant": "A & B",
        "sign_in": LINK,
        "reset": "https://id.example.com/forgot-password",
    },
    "approval_wanted": {"tenant": "A & B", "email": ANNA, "link": "https://id.example.com/members?status=pending"},
    "approved": {"name": "A & B", "tenant": "A & B", "link": LINK},
    "domain_counts": {
        "tenant": "A & B",
        "domain": "company.com",
        "mode": "automatic",
        "subdomains": True,
        "link": "https://id.example.com/domains",
    },
    "domain_lapsed": {"tenant": "A & B", "domain": "company.com", "link": "https://id.example.com/domains"},
    "password_reset": {"name": "A & B", "tenant": "A & B", "link": LINK, "hours": 1},
    "sign_in_link": {"name": "A & B", "tenant": "A & B", "link": LINK, "minutes": 10},
    "password_dropped": {"name": "A & B", "tenant": "A & B", "at": NOON, "reset": LINK},
    "password_changed": {
        "name": "A & B",
        "tenant": "A & B",
        "at": NOON,
        "reset": LINK,
        "made_more": False,
        "here_goes_on": False,
    },
    "new_device": {
        "name": "A & B",
        "tenant": "A & B",
        "device": "Firefox on Linux",
        "address": "192.0.2.7",
        "at": NOON,
        "reset": LINK,
    },
}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", VALUES)
def test_both_forms_carry_the_same_links(kind: str, language: Language) -> None:
    mail = MailTemplates(TEMPLATES, language).render(kind, ANNA, **VALUES[kind])

    links = [str(value) for value in VALUES[kind].values() if str(value).startswith("https://")]
    assert links
    assert all(link in mail.text and link in mail.html for link in links)


@pytest.mark.parametrize("kind", VALUES)
def test_names_are_text_and_never_markup(kind: str) -> None:
    mail = _mail(kind)

    assert "A & B" in mail.text
    assert "A &amp; B" in mail.html
    assert "A & B" not in mail.html


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", VALUES)
def test_every_mail_names_the_tenant(kind: str, language: Language) -> None:
    mail = MailTemplates(TEMPLATES, language).render(kind, ANNA, **(VALUES[kind] | {"tenant": "Zwölf & Söhne"}))

    assert "Zwölf & Söhne" in mail.text
    assert "Zwölf &amp; Söhne" in mail.html


def test_a_time_is_told_in_words() -> None:
    assert "on 1 March 2026, 12:00 UTC" in _mail("password_changed").text


def test_the_verification_warns_whoever_did_not_sign_up() -> None:
    assert "If it was not you, do not open the link." in _mail("verification").text


@pytest.mark.parametrize("with_password", [True, False])
def test_it_says_when_the_link_sets_no_password(with_password: bool) -> None:
    mail = _mail("verification", with_password=with_password)

    assert ("sets no password" in mail.text) is not with_password
    assert ("sets no password" in mail.html) is not with_password


@pytest.mark.parametrize(("here_goes_on", "words"), [(True, "All other devices"), (False, "All devices")])
def test_it_says_which_devices_a_new_password_signed_out(here_goes_on: bool, words: str) -> None:
    mail = _mail("password_changed", here_goes_on=here_goes_on)

    assert f"{words} were signed out." in mail.text
    assert f"{words} were signed out." in mail.html


@pytest.mark.parametrize("made_more", [True, False])
def test_it_says_that_what_was_made_in_ones_name_goes_on(made_more: bool) -> None:
    mail = _mail("password_changed", made_more=made_more)

    assert ("API keys and invitations" in mail.text) is made_more
    assert ("API keys and invitations" in mail.html) is made_more


def _mail(kind: str, **more: object) -> Mail:
    return MailTemplates(TEMPLATES).render(kind, ANNA, **(VALUES[kind] | more))
