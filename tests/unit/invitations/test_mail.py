"""The words of the mail, whatever people call themselves."""

from datetime import UTC, datetime
from typing import Any

from services.invitations.domain.tenancy import Member
from services.invitations.mailing import TEMPLATES
from shared.contracts.email import Email
from shared.contracts.tenancy import MembershipStatus, Role
from shared.ids import new_id
from shared.mail.message import Mail
from shared.mail.templates import MailTemplates
from tests.unit.invitations.invitation import ANN

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
URL = "https://id.example.com/signup?token=abc&email=ann%40example.com"
NASTY = '<script>alert("1")</script><img src=x>'


def a_mail(**more: Any) -> Mail:
    values = {
        "email": ANN,
        "tenant": "Company",
        "inviter": None,
        "message": None,
        "url": URL,
        "expires": NOON,
    }
    return MailTemplates(TEMPLATES).render("invitation", ANN, **(values | more))


def ida(name: str = "Ida") -> Member:
    return Member(new_id(), Email("ida@company.com"), name, Role.ADMIN, MembershipStatus.ACTIVE)


def test_both_versions_hold_the_link_and_who_it_is_for() -> None:
    mail = a_mail(inviter=ida())

    assert URL in mail.text
    assert URL.replace("&", "&amp;") in mail.html
    for words in (mail.text, mail.html):
        assert "ida@company.com" in words
        assert "ann@example.com only" in words
        assert "until 1 March 2026, 12:00 UTC" in words


def test_what_people_wrote_is_text_in_html() -> None:
    mail = a_mail(inviter=ida(NASTY), tenant=NASTY, message=NASTY)

    assert "<script" not in mail.html
    assert "<img" not in mail.html
    assert mail.html.count("&lt;script&gt;") >= 3


def test_a_name_with_line_breaks_cannot_pass_for_words_of_ours() -> None:
    mail = a_mail(inviter=ida("Ida\n\nYour account is locked"), tenant="Company\r\nBcc: v@corp.com")

    assert "\n" not in mail.subject.strip()
    assert "\nYour account" not in mail.text
    assert "\nBcc" not in mail.text


def test_every_line_of_the_message_is_marked_as_somebodys_words() -> None:
    mail = a_mail(message="Hello Ann\n\nhttps://evil.test/")

    assert "> Hello Ann\n>\n> https://evil.test/" in mail.text
    assert mail.text.index(URL) < mail.text.index("https://evil.test/")
    assert 'href="https://evil.test' not in mail.html


def test_without_a_message_nothing_is_quoted() -> None:
    assert ">" not in a_mail().text
    assert "<blockquote" not in a_mail().html
