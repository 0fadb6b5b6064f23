"""Auth's desk, with its requests going through the gateway."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import httpx

from tests.benchmarks.services.place import Place
from tests.integration.auth.sessions.desk import Desk
from tests.support.connections import behind
from tests.support.passwords import HARD, hash_of


@asynccontextmanager
async def desk_at(running: Place) -> AsyncIterator[Desk]:
    """For what has to be there before anything is measured."""
    address = f"http://127.0.0.1:{running.gateway.port}"
    async with behind(running.urls) as pool, httpx.AsyncClient(base_url=address) as http:
        yield Desk(http, running.urls, pool, partial(hash_of, **HARD))
