"""A gateway before a backend that tells what it was sent."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.gateway.backend import Backend
from tests.integration.gateway.front import Front, running
from tests.support.servers import serving


@pytest.fixture
async def backend() -> AsyncIterator[tuple[str, Backend]]:
    """Where the services are, and what they are."""
    app = Backend()
    async with serving(app) as url:
        yield url, app


@pytest.fixture
async def front(backend: tuple[str, Backend]) -> AsyncIterator[Front]:
    """A gateway that is ready."""
    async with running(*backend) as front:
        await front.until(front.is_ready)
        yield front
