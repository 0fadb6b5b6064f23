"""CVE-2024-47070: garbage in any header, any body, at any route is an answer below 500 from a gateway that goes on."""

import asyncio
import random

from gateway.routes import ROUTES
from tests.integration.gateway.front import PATIENCE_SECONDS, Front

NAMES = [
    b"Authorization",
    b"X-Tenant-ID",
    b"X-Request-ID",
    b"traceparent",
    b"Accept",
    b"Accept-Encoding",
    b"Content-Type",
    b"Content-Encoding",
    b"Cookie",
    b"Connection",
    b"Expect",
    b"Forwarded",
    b"Host",
    b"If-None-Match",
    b"Origin",
    b"Range",
    b"TE",
    b"Upgrade",
    b"User-Agent",
    b"Via",
    b"X-Forwarded-For",
    b"X-Odd",
]
OCTETS = bytes(octet for octet in range(256) if octet not in b"\r\n")
ROUNDS = 600


async def test_garbage_is_answered_and_breaks_nothing(front: Front) -> None:
    chance = random.Random(2024)  # noqa: S311 - the same garbage each time
    requests = [garbage(chance) for _ in range(ROUNDS)]
    for start in range(0, ROUNDS, 40):
        answers = await asyncio.gather(
            *(front.raw(request, PATIENCE_SECONDS) for request in requests[start : start + 40])
        )
        for request, replies in zip(requests[start:], answers, strict=False):
            assert replies, request
            assert all(reply.status < 500 for reply in replies), request
    assert (await front.http.get("/health")).status_code == 200


def garbage(chance: random.Random) -> bytes:
    rule = chance.choice(ROUTES)
    path = rule.path.replace("{", "").replace("}", "").encode()
    lines = [b"Host: a", b"Connection: close"]
    for name in chance.sample(NAMES, chance.randrange(6)):
        lines.append(name + b": " + octets(chance, 60))
    body = octets(chance, 200)
    lines.append(b"Content-Length: %d" % len(body))
    target = path + (b"?" + octets(chance, 20) if chance.random() < 0.3 else b"")
    return rule.method.encode() + b" " + target + b" HTTP/1.1\r\n" + b"\r\n".join(lines) + b"\r\n\r\n" + body


def octets(chance: random.Random, most: int) -> bytes:
    """Printable now and then, so that not all of it stops at the first check."""
    alphabet = OCTETS if chance.random() < 0.5 else OCTETS[0x1E:0x7C]
    return bytes(chance.choice(alphabet) for _ in range(chance.randrange(most)))
