"""How each fault is done to a fleet."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

from tests.chaos import points
from tests.chaos.crowd import Crowd
from tests.chaos.fleet import Fleet
from tests.chaos.load import Volume
from tests.chaos.replica import Replica
from tests.chaos.schedule import Fault, Kind
from tests.chaos.sockets import peer_of

TOO_MUCH = "90000GB"
ENOUGH = "50MB"


@dataclass(frozen=True, slots=True)
class Striker:
    """Strikes; what it broke lives, or begins to live, when it returns."""

    fleet: Fleet
    volume: Volume
    crowd: Crowd | None = None

    async def __call__(self, fault: Fault) -> None:
        """Do it. ``NotReached`` when nobody came to the point at which it should have been."""
        blows: Mapping[Kind, Callable[[Fault], Awaitable[None]]] = {
            Kind.SERVICE_KILLED: self._kill,
            Kind.KILLED_BEFORE_COMMIT: self._kill_before_commit,
            Kind.KILLED_BEFORE_PUBLISHING: self._kill_before_publishing,
            Kind.KILLED_BEFORE_THE_MARK: self._kill_before_the_mark,
            Kind.KILLED_BEFORE_THE_ACK: self._kill_before_the_ack,
            Kind.SERVICE_FROZEN: self._freeze,
            Kind.CLIENT_GONE: self._vanish,
            Kind.BROKER_KILLED: self._kill_broker,
            Kind.BROKER_RESTARTED: self._restart_broker,
            Kind.BROKER_CUT: self._cut_broker,
            Kind.BROKER_OUT_OF_DISK: self._fill_disk,
            Kind.POSTGRES_KILLED: self._kill_postgres,
            Kind.DATABASE_CUT: self._cut_database,
        }
        try:
            await blows[fault.kind](fault)
        finally:
            self.fleet.start_all()

    async def _kill(self, fault: Fault) -> None:
        self.fleet.replicas[fault.target].kill()

    async def _kill_before_commit(self, fault: Fault) -> None:
        url = self.fleet.databases[fault.target].owner
        if self.crowd:
            self.crowd.come()  # they do not get that far before the lock is there
        async with points.before_commit(url, fault.target) as serving:
            self._kill_whom_it_serves(serving, fault.target)

    async def _kill_before_publishing(self, fault: Fault) -> None:
        url = self.fleet.databases[fault.target].owner
        async with AsyncExitStack() as telling:
            await telling.enter_async_context(self.volume.telling())
            async with points.before_publishing(url, telling.aclose) as serving:
                self._kill_whom_it_serves(serving, fault.target)

    async def _kill_before_the_mark(self, fault: Fault) -> None:
        url = self.fleet.databases[fault.target].owner
        async with AsyncExitStack() as telling:
            await telling.enter_async_context(self.volume.telling())
            async with points.before_the_mark(url, telling.aclose) as serving:
                self._kill_whom_it_serves(serving, fault.target)

    async def _kill_before_the_ack(self, fault: Fault) -> None:
        async with points.before_the_ack(self.fleet.databases[fault.target].owner) as serving:
            self._kill_whom_it_serves(serving, fault.target)

    def _kill_whom_it_serves(self, serving: int, service: str) -> None:
        """The replica that this process of the database server works for; all of them if nobody can tell."""
        replicas = self.fleet.of(service)
        found = peer_of(serving, [replica.pid for replica in replicas])
        for replica in replicas:
            if found in {None, replica.pid}:
                replica.kill()

    async def _freeze(self, fault: Fault) -> None:
        replica: Replica = self.fleet.replicas[fault.target]
        replica.freeze()
        await asyncio.sleep(fault.seconds)
        replica.thaw()

    async def _vanish(self, fault: Fault) -> None:
        if self.crowd:
            self.crowd.come(vanishing_after=fault.seconds / 10)

    async def _kill_broker(self, fault: Fault) -> None:
        await asyncio.to_thread(self.fleet.node.kill)
        await self._start_broker(fault)

    async def _restart_broker(self, fault: Fault) -> None:
        await asyncio.to_thread(self.fleet.node.stop)
        await self._start_broker(fault)

    async def _start_broker(self, fault: Fault) -> None:
        await asyncio.sleep(fault.seconds)
        await asyncio.to_thread(self.fleet.node.start)

    async def _cut_broker(self, _: Fault) -> None:
        await asyncio.to_thread(self.fleet.node.cut)

    async def _fill_disk(self, fault: Fault) -> None:
        await asyncio.to_thread(self.fleet.node.ctl, "set_disk_free_limit", TOO_MUCH)
        await asyncio.sleep(fault.seconds)
        await asyncio.to_thread(self.fleet.node.ctl, "set_disk_free_limit", ENOUGH)

    async def _kill_postgres(self, fault: Fault) -> None:
        await self.fleet.server.kill()
        await asyncio.sleep(fault.seconds)
        await self.fleet.server.start()

    async def _cut_database(self, fault: Fault) -> None:
        await points.cut_all(self.fleet.databases[fault.target].owner)
