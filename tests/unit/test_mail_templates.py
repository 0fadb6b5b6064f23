"""Mails as their readers see them: one layout, text beside HTML, and everybody's words shown as their own."""

from pathlib import Path

import pytest
from jinja2 import UndefinedError

from shared.contracts.email import parse_email
from shared.mail.message import Mail
from shared.mail.templates import MailTemplates

ANNA = parse_email("anna@company.com")


@pytest.fixture
def templates(tmp_path: Path) -> MailTemplates:
    (tmp_path / "hello.subject.j2").write_text("{{ inviter }} invites you to {{ tenant }}\n")
    (tmp_path / "hello.txt.j2").write_text(
        '{% extends "layout.txt.j2" %}{% block body %}{{ inviter }} invites you:\n\n{{ url }}\n\n'
        "{{ note | quoted }}{% endblock %}{% block reason %}You were invited.{% endblock %}"
    )
    (tmp_path / "hello.html.j2").write_text(
        '{% extends "layout.html.j2" %}{% from "parts.html.j2" import button, heading, quotation %}'
        "{% block preview %}Join {{ tenant }}{% endblock %}"
        "{% block body %}{{ heading('Join ' ~ tenant) }}{{ quotation(note) }}{{ button('Accept', url) }}{% endblock %}"
        "{% block reason %}You were invited.{% endblock %}"
    )
    return MailTemplates(tmp_path)


def hello(templates: MailTemplates, **changed: object) -> Mail:
    values = {
        "inviter": "Olga",
        "tenant": "Company",
        "url": "https://app.example/signup?token=x&email=y",
        "note": "See you!",
    }
    return templates.render("hello", ANNA, **(values | changed))


def test_a_mail_is_rendered_as_text_and_html_on_the_shared_layout(templates: MailTemplates) -> None:
    mail = hello(templates)
    assert mail.to == ANNA
    assert mail.subject == "Olga invites you to Company"
    assert mail.text.startswith("Olga invites you:\n\nhttps://app.example/signup?token=x&email=y\n\n> See you!\n")
    assert mail.text.endswith("-- \nSparkNode\nYou were invited.")
    assert "<title>Olga invites you to Company</title>" in mail.html
    assert mail.html.count('href="https://app.example/signup?token=x&amp;email=y"') == 2


def test_the_html_asks_nobody_for_anything(templates: MailTemplates) -> None:
    html = hello(templates).html
    assert not any(
        word in html for word in ("<img", "<script", "<link", "<iframe", "@import", "url(", "@font-face", "src=")
    )
    assert html.count("https://") == html.count("https://app.example/")


def test_markup_in_a_name_stays_text(templates: MailTemplates) -> None:
    html = hello(templates, tenant='<a href="https://evil.example">x</a>', note="<b>1</b>\n2").html
    assert 'href="https://evil.example"' not in html
    assert "&lt;b&gt;1&lt;/b&gt;<br>2" in html


def test_a_name_with_line_breaks_cannot_pass_for_a_paragraph_of_ours(templates: MailTemplates) -> None:
    mail = hello(templates, inviter="Olga\r\n\r\nYour account is locked: https://evil.example\r\n")
    assert mail.subject.startswith("Olga Your account is locked")
    assert mail.text.startswith("Olga Your account is locked: https://evil.example invites you:\n")


def test_the_words_of_a_person_are_shown_as_a_quotation(templates: MailTemplates) -> None:
    assert "\n> Hi\n>\n> --\n> Olga\n" in hello(templates, note="Hi\r\n\n-- \nOlga\n").text


def test_a_missing_value_is_an_error_and_not_a_gap(templates: MailTemplates) -> None:
    with pytest.raises(UndefinedError):
        templates.render("hello", ANNA, inviter="Olga")
