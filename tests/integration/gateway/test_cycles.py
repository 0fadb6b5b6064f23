"""What a request leaves behind goes at once: the collector of cycles stops everybody while it looks for them."""

import gc
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.integration.gateway.front import Front

REQUESTS = 20


@pytest.fixture
def collector() -> Iterator[None]:
    """Shows what it finds, and finds only when it is asked."""
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    yield
    gc.set_debug(0)
    gc.garbage.clear()
    gc.enable()


def left_of_the_gateway() -> Counter[str]:
    """Which of its objects held each other."""
    gc.collect()
    kinds = (type(left) for left in gc.garbage)
    return Counter(kind.__qualname__ for kind in kinds if kind.__module__.partition(".")[0] == "gateway")


@pytest.mark.usefixtures("collector")
async def test_requests_leave_no_cycles(front: Front) -> None:
    (authorization,) = front.bearer().items()
    for path, status in (("/api/auth/me", 200), ("/api/no-such-thing", 404)):
        for _ in range(REQUESTS):
            assert (await front.get(path, authorization)).status == status
    ahead = b"GET /api/auth/me HTTP/1.1\r\nHost: gateway\r\n\r\n"
    assert [reply.status for reply in await front.raw(ahead * 3 + b"nonsense\r\n\r\n")] == [401, 401, 401, 400]

    assert left_of_the_gateway() == {}
