"""A connection that never came to stand."""

import asyncio
import gc
import warnings

from yarl import URL

from shared.messaging.rabbitmq.wide import WideConnection


async def test_it_may_be_collected_in_any_thread() -> None:
    """The library would close it there, where no event loop runs."""
    kept = [WideConnection(URL("amqp://nobody"))]

    def let_go() -> None:
        kept.clear()
        gc.collect()

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        await asyncio.to_thread(let_go)
    assert [str(each.message) for each in told] == []
