"""What the doctor finds of a broker, and of what is none."""

import asyncio
import ssl
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import pytest

from cli.doctor.broker import examine_account, examine_broker
from cli.doctor.finding import Finding, Outcome
from tests.support.certificates import self_signed


async def greeted_by(answer: bytes, tls: ssl.SSLContext | None = None, query: str = "") -> Finding:
    """What the doctor finds of a server that says ``answer`` to whoever speaks first."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(8)
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls) as server:
        port, scheme = server.sockets[0].getsockname()[1], "amqps" if tls else "amqp"
        return await examine_broker(f"{scheme}://guest:guest@127.0.0.1:{port}/{query}")


async def test_a_broker_that_greets_is_well() -> None:
    assert (await greeted_by(b"\x01\x00\x00")).outcome is Outcome.OK


async def test_a_brokers_certificate_is_judged_as_the_services_judge_it(tmp_path: Path) -> None:
    tls = self_signed("127.0.0.1", tmp_path).server
    certificate = quote(str(tmp_path / "certificate.pem"))
    for query, outcome in (
        (f"?cafile={certificate}", Outcome.OK),
        (f"?cafile={certificate}&certfile={certificate}&keyfile={quote(str(tmp_path / 'key.pem'))}", Outcome.OK),
        ("?no_verify_ssl=1", Outcome.OK),
        ("", Outcome.FAILED),
        (f"?cafile={quote(str(tmp_path / 'none'))}", Outcome.FAILED),
    ):
        finding = await greeted_by(b"\x01\x00\x00", tls, query)
        assert finding.outcome is outcome, (query, finding.says)


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400", b"AMQP\x00\x01\x00\x00", b""])
async def test_what_is_no_broker_is_told(answer: bytes) -> None:
    finding = await greeted_by(answer)
    assert finding.outcome is Outcome.FAILED
    assert "AMQP 0-9-1" in finding.says


@pytest.mark.parametrize(
    ("url", "words"),
    [("amqp://127.0.0.1:1", "Start RabbitMQ"), ("http://127.0.0.1", "amqp://"), ("amqp:///", "amqp://")],
)
async def test_a_broker_that_cannot_be_reached_is_told(url: str, words: str) -> None:
    finding = await examine_broker(url)
    assert (finding.outcome, words in finding.says) == (Outcome.FAILED, True)


@pytest.mark.broker
async def test_a_broker_that_greets_and_does_not_let_us_in_is_told(broker: str) -> None:
    parts = urlsplit(broker)
    nobody = parts._replace(netloc=f"nobody:unheard@{parts.hostname}:{parts.port}")
    for url, outcome, words in (
        (broker, Outcome.OK, "lets us in"),
        (urlunsplit(nobody), Outcome.FAILED, "ACCESS_REFUSED"),
        (urlunsplit(parts._replace(path="/nowhere")), Outcome.FAILED, "AMQP_URL"),
    ):
        finding = await examine_account(url)
        assert (finding.outcome, words in finding.says) == (outcome, True), finding.says
        assert "unheard" not in finding.says
