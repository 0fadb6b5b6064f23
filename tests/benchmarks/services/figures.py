"""What a request costs the gateway, the service and its database."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from tests.benchmarks.figures import show
from tests.benchmarks.services.place import AUTH, GATEWAY, Place

Times = Callable[[], Awaitable[None]]


async def measure(title: str, place: Place, clients: Sequence[Callable[[int], Awaitable[None]]], rounds: int) -> None:
    """Have each of ``clients`` go round so often, after warming up, and show what one request took at which pace."""
    await asyncio.gather(*(client(rounds // 10) for client in clients))
    before, began = place.cpu_seconds(), time.monotonic()
    await asyncio.gather(*(client(rounds) for client in clients))
    ended, asked = time.monotonic(), rounds * len(clients)
    wall, slowness = ended - began, place.pace.slowness(began, ended)
    used = {name: seconds - before[name] for name, seconds in place.cpu_seconds().items()}
    sums = {f"{GATEWAY} and {AUTH}": used[GATEWAY] + used[AUTH], "all three": sum(used.values())}
    rows: list[tuple[object, ...]] = [
        (
            name,
            f"{seconds / asked * 1000:.2f} ms",
            round(asked / max(seconds, 0.001)),
            round(asked * slowness / max(seconds, 0.001)),
        )
        for name, seconds in (used | sums).items()
    ]
    show(
        f"{asked:,} {title}, {len(clients)} at a time",
        ["processor time of", "each", "per second and core", "at full pace"],
        [*rows, ("by the clock, here", "", round(asked / wall)), ("slower than at full pace", f"{slowness:.2f} times")],
    )
