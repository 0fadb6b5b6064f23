"""Tells the broker what is settled: as much as possible at once, and never more."""

import asyncio

from aiormq.abc import AbstractChannel


class Acknowledgements:
    """The messages of one channel that the broker waits to hear of, in the order in which it sent them."""

    def __init__(self, channel: AbstractChannel) -> None:
        self._channel = channel
        self._outstanding: dict[int, bool] = {}
        self._some_settled = asyncio.Event()

    def expect(self, tag: int) -> None:
        """The message with this delivery tag came in."""
        self._outstanding[tag] = False

    def settle(self, tag: int) -> None:
        """The message need not come again."""
        self._outstanding[tag] = True
        self._some_settled.set()

    async def run(self) -> None:
        """Acknowledge what is settled, until cancelled."""
        while True:
            await self._some_settled.wait()
            self._some_settled.clear()
            await self.acknowledge()

    async def acknowledge(self) -> None:
        """Tell the broker now."""
        last = None
        for tag, settled in self._outstanding.items():
            if not settled:
                break
            last = tag
        if last is not None:
            self._outstanding = {tag: settled for tag, settled in self._outstanding.items() if tag > last}
            await self._channel.basic_ack(last, multiple=True, wait=False)
        # An event that is being retried does not keep those behind it waiting.
        for tag in [tag for tag, settled in self._outstanding.items() if settled]:
            del self._outstanding[tag]
            await self._channel.basic_ack(tag, wait=False)
