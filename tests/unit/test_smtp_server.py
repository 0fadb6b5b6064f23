"""How the mail server's URL in the settings is read."""

import pytest

from shared.mail.smtp import Encryption, SmtpServer, SmtpTransport


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", SmtpServer("mail.example", 25, Encryption.OPPORTUNISTIC)),
        ("smtp://mail.example:587?starttls=required", SmtpServer("mail.example", 587, Encryption.REQUIRED)),
        ("smtp://127.0.0.1:1025/?starttls=never", SmtpServer("127.0.0.1", 1025, Encryption.NEVER)),
        ("smtp://u:p@[::1]:25?starttls=opportunistic", SmtpServer("::1", 25, Encryption.OPPORTUNISTIC, "u", "p")),
        ("smtps://u%40x:p%2F@mail.example", SmtpServer("mail.example", 465, Encryption.FROM_THE_START, "u@x", "p/")),
    ],
)
def test_the_server_is_read_from_its_url(url: str, server: SmtpServer) -> None:
    assert SmtpServer.parse(url) == server


def test_a_password_makes_encryption_a_must_unless_it_is_said_otherwise() -> None:
    assert SmtpServer.parse("smtp://u:p@mail.example").encryption is Encryption.REQUIRED
    assert SmtpServer.parse("smtp://u:p@mail.example?starttls=never").encryption is Encryption.NEVER


@pytest.mark.parametrize(
    "url",
    [
        "http://u:pass-4711@mail.example",
        "smtp://",
        "smtp://u:pass-4711@mail.example/path",
        "smtp://u:pass-4711@mail.example#part",
        "smtp://u:pass-4711@mail.example?starttls=maybe",
        "smtp://u:pass-4711@mail.example?starttls=",
        "smtp://u:pass-4711@mail.example?starttls=from_the_start",
        "smtp://u:pass-4711@mail.example?tls=1",
        "smtps://u:pass-4711@mail.example?starttls=never",
        "smtp://u:pass-4711/x@mail.example",
        "smtp://u:pass-4711@mail.example:99999",
        "mail.example:25",
    ],
)
def test_a_url_that_does_not_fit_is_refused_without_showing_its_password(url: str) -> None:
    with pytest.raises(ValueError, match=r"write|starttls|written") as caught:
        SmtpServer.parse(url)
    assert "4711" not in str(caught.value)


def test_the_password_is_not_in_the_representation() -> None:
    assert "pass-4711" not in repr(SmtpTransport(SmtpServer.parse("smtp://u:pass-4711@mail.example")))
