"""What travels encrypted to the mail server, and what does not travel at all."""

from collections.abc import Callable

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from shared.mail.transport import MailRefused
from tests.support.certificates import Tls
from tests.support.mail_server import Hello, Inbox, Serve, letter, transport


async def refusal(url: str, tls: Tls | None = None) -> MailRefused:
    with pytest.raises(MailRefused) as caught:
        await transport(url, tls=tls.client if tls else None).send(letter())
    return caught.value


async def test_required_encryption_sends_nothing_in_clear(serve: Serve) -> None:
    inbox = Inbox()
    port = await serve(inbox.server)
    refused = await refusal(f"smtp://127.0.0.1:{port}?starttls=required")
    assert not refused.permanent
    assert inbox.letters == []


async def test_required_encryption_wants_a_certificate_that_it_trusts(serve: Serve, tls: Tls) -> None:
    inbox = Inbox()
    port = await serve(lambda: inbox.server(tls_context=tls.server))
    url = f"smtp://127.0.0.1:{port}?starttls=required"
    assert not (await refusal(url)).permanent
    assert inbox.letters == []
    await transport(url, tls=tls.client).send(letter())
    assert inbox.sessions[0].ssl is not None


async def test_opportunistic_encryption_takes_what_there_is(serve: Serve, tls: Tls) -> None:
    able, unable = Inbox(), Inbox()
    with_tls = await serve(lambda: able.server(tls_context=tls.server))
    without = await serve(unable.server)
    await transport(f"smtp://127.0.0.1:{with_tls}").send(letter())
    await transport(f"smtp://127.0.0.1:{without}").send(letter())
    await transport(f"smtp://127.0.0.1:{with_tls}?starttls=never").send(letter())
    assert [session.ssl is not None for session in able.sessions] == [True, False]
    assert [session.ssl is not None for session in unable.sessions] == [False]


async def test_encryption_from_the_start(serve: Serve, tls: Tls) -> None:
    inbox = Inbox()
    port = await serve(inbox.server, encrypted=tls.server)
    assert not (await refusal(f"smtps://127.0.0.1:{port}")).permanent
    await transport(f"smtps://127.0.0.1:{port}", tls=tls.client).send(letter())
    assert len(inbox.letters) == 1


def knows_only(user: bytes, password: bytes) -> Callable[..., AuthResult]:
    def authenticate(_: SMTP, __: Session, ___: Envelope, ____: str, given: LoginPassword) -> AuthResult:
        return AuthResult(success=given == LoginPassword(user, password), handled=False)

    return authenticate


async def test_signing_in_to_the_mail_server(serve: Serve, tls: Tls) -> None:
    inbox = Inbox()
    authenticator = knows_only(b"mailer@x", b"p@ss/w:rd")
    port = await serve(lambda: inbox.server(tls_context=tls.server, authenticator=authenticator, auth_required=True))
    await transport(f"smtp://mailer%40x:p%40ss%2Fw%3Ard@127.0.0.1:{port}", tls=tls.client).send(letter())
    assert inbox.sessions[0].authenticated
    # A wrong password is the operator's to mend; the mail waits for it.
    wrong = await refusal(f"smtp://mailer%40x:guess-4711@127.0.0.1:{port}", tls)
    assert not wrong.permanent
    assert "guess-4711" not in wrong.reason


async def test_a_password_never_travels_in_clear_by_oversight(serve: Serve) -> None:
    heard: list[bytes] = []

    class Listens(Hello):
        def data_received(self, data: bytes) -> None:
            heard.append(data)
            self.transport.write(b"250-hello\r\n250 AUTH PLAIN LOGIN\r\n")

    port = await serve(Listens)
    assert not (await refusal(f"smtp://mailer:password-4711@127.0.0.1:{port}")).permanent
    assert not any(data.upper().startswith(b"AUTH") for data in heard)
