"""Every mail in every language, saying the same."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, meta

from services.auth.postbox import TEMPLATES as AUTH
from services.invitations.mailing import TEMPLATES as INVITATIONS
from shared.contracts.email import parse_email
from shared.mail.languages import BUTTON_HINTS, Language, moment
from shared.mail.templates import MailTemplates

FOLDERS = pytest.mark.parametrize("folder", [AUTH, INVITATIONS], ids=["auth", "invitations"])
OTHERS = [language for language in Language if language is not Language.ENGLISH]
OURS = {"product", "language", "button_hint"}


def variables(folder: Path) -> dict[str, set[str]]:
    """The names of all templates of a language, each with what it wants to be told."""
    environment = Environment(loader=FileSystemLoader(folder), autoescape=True)
    environment.filters |= {"moment": str, "quoted": str}
    return {
        file.name: meta.find_undeclared_variables(environment.parse(file.read_text())) - OURS
        for file in sorted(folder.iterdir())
    }


@FOLDERS
@pytest.mark.parametrize("language", OTHERS)
def test_each_language_has_the_same_mails_which_want_the_same_values(folder: Path, language: Language) -> None:
    assert variables(folder / language) == variables(folder / Language.ENGLISH)


@FOLDERS
def test_every_mail_is_translated(folder: Path) -> None:
    assert {file.name for file in folder.iterdir()} == {language.value for language in Language}


@FOLDERS
@pytest.mark.parametrize("language", OTHERS)
def test_no_translation_is_a_copy(folder: Path, language: Language) -> None:
    for file in (folder / language).iterdir():
        assert file.read_text() != (folder / Language.ENGLISH / file.name).read_text()


@pytest.mark.parametrize("language", Language)
def test_the_frame_speaks_the_language_of_the_mail(language: Language) -> None:
    links = {"sign_in": "https://id.example/login", "reset": "https://id.example/forgot-password"}
    values = {"name": "Anna", "tenant": "Company"} | links
    mail = MailTemplates(AUTH, language).render("account_exists", parse_email("anna@company.com"), **values)
    assert f'<html lang="{language}"' in mail.html
    assert BUTTON_HINTS[language] in mail.html


def test_an_instant_is_told_in_utc_with_the_months_own_name() -> None:
    at = datetime(2026, 3, 1, 1, 5, tzinfo=timezone(timedelta(hours=2)))
    assert moment(at, Language.ENGLISH) == "28 February 2026, 23:05 UTC"
    assert moment(at, Language.GERMAN) == "28. Februar 2026, 23:05 UTC"
    assert moment(datetime(2026, 12, 24, 18, tzinfo=UTC), Language.GERMAN) == "24. Dezember 2026, 18:00 UTC"
