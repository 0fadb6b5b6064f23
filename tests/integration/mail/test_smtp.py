"""Sending letters to a real mail server: who gets them, and what its refusals mean."""

import asyncio
from email import message_from_bytes
from email.policy import default

import pytest

from shared.mail.transport import MailRefused
from tests.support.mail_server import SENDER, Hello, Inbox, Serve, letter, transport


async def refusal(url: str, *, deadline_seconds: float = 30) -> MailRefused:
    with pytest.raises(MailRefused) as caught:
        await transport(url, deadline_seconds=deadline_seconds).send(letter())
    return caught.value


async def test_a_letter_reaches_exactly_its_recipient(serve: Serve) -> None:
    """CVE-2023-27043: the address of the envelope is ours, to the letter."""
    inbox = Inbox()
    port = await serve(inbox.server)
    for to in ("anna@company.com", "o'brien+x=y@sub.xn--bcher-kva.example", f"{'l' * 64}@{'d' * 60}.test"):
        await transport(f"smtp://127.0.0.1:{port}").send(letter(to))
        envelope = inbox.letters[-1]
        assert envelope.rcpt_tos == [to]
        assert envelope.mail_from == SENDER.address
    assert inbox.sessions[-1].host_name == "sparknode.example"


async def test_the_content_arrives_as_it_was_written(serve: Serve) -> None:
    inbox = Inbox()
    port = await serve(inbox.server)
    text = "Grüße 👋\n.\n.. a line that begins with dots\nhttps://app.example/" + "x" * 2000 + "\n"
    await transport(f"smtp://127.0.0.1:{port}").send(letter(text=text))
    content = inbox.letters[0].content
    assert isinstance(content, bytes)
    body = message_from_bytes(content.replace(b"\r\n", b"\n"), policy=default).get_body(("plain",))
    assert body is not None
    assert body.get_content() == text


@pytest.mark.parametrize(
    ("inbox", "permanent"),
    [
        (Inbox(to_recipient="550 5.1.1 no such user"), True),
        (Inbox(to_recipient="450 4.2.0 greylisted, come back later"), False),
        (Inbox(to_data="554 5.7.1 looks like spam"), True),
        (Inbox(to_data="451 4.3.0 disk full"), False),
        (Inbox(to_sender="550 5.7.1 who are you"), False),
        (Inbox(to_sender="421 4.3.2 shutting down"), False),
    ],
)
async def test_only_a_final_no_to_recipient_or_content_is_permanent(
    serve: Serve, inbox: Inbox, permanent: bool
) -> None:
    port = await serve(inbox.server)
    refused = await refusal(f"smtp://127.0.0.1:{port}")
    said = inbox.to_recipient or inbox.to_data or inbox.to_sender
    assert refused.permanent is permanent
    assert refused.reason == said
    assert inbox.letters == []


async def test_a_server_that_is_not_there_is_tried_again(serve: Serve) -> None:
    port = await serve(asyncio.Protocol)
    async with asyncio.timeout(5):
        silent = await refusal(f"smtp://127.0.0.1:{port}", deadline_seconds=0.2)
    absent = await refusal("smtp://127.0.0.1:1")
    assert not silent.permanent
    assert not absent.permanent
    assert absent.reason.startswith("The mail server cannot be reached")


class HangsUp(Hello):
    """Hangs up at the word DATA, when the client cannot know what became of the letter."""

    def data_received(self, data: bytes) -> None:
        if data.startswith(b"DATA"):
            self.transport.abort()
        else:
            super().data_received(data)


class SpeaksLatin(Hello):
    """Knows nobody, and says so in octets that are no UTF-8."""

    def data_received(self, data: bytes) -> None:
        if data.startswith(b"RCPT"):
            self.transport.write("550 Empfänger unbekannt\r\n".encode("latin-1"))
        else:
            super().data_received(data)


async def test_a_no_in_any_encoding_is_a_no_that_can_be_written_down(serve: Serve) -> None:
    """Else a mail that bounced is sent again for half an hour, and then called interrupted."""
    refused = await refusal(f"smtp://127.0.0.1:{await serve(SpeaksLatin)}")
    assert (refused.permanent, refused.reason) == (True, "550 Empf?nger unbekannt")


async def test_a_connection_lost_in_the_middle_is_tried_again(serve: Serve) -> None:
    port = await serve(HangsUp)
    assert not (await refusal(f"smtp://127.0.0.1:{port}")).permanent


async def test_a_letter_that_was_taken_is_sent_whatever_happens_afterwards(serve: Serve) -> None:
    inbox = Inbox(answers_quit=False)
    port = await serve(inbox.server)
    await transport(f"smtp://127.0.0.1:{port}").send(letter())
    assert len(inbox.letters) == 1


async def test_cancelling_leaves_no_connection_behind(serve: Serve) -> None:
    came, went = asyncio.Event(), asyncio.Event()

    class Listens(Hello):
        def data_received(self, _: bytes) -> None:
            came.set()

        def connection_lost(self, _: Exception | None) -> None:
            went.set()

    port = await serve(Listens)
    sending = asyncio.create_task(transport(f"smtp://127.0.0.1:{port}").send(letter()))
    async with asyncio.timeout(5):
        await came.wait()
        sending.cancel()
        await went.wait()
    with pytest.raises(asyncio.CancelledError):
        await sending
