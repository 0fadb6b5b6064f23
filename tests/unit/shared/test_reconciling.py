"""A replica is compared with its owner by key, page by page, and never set back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from shared.messaging.reconciling import PAGE, Difference, Drift, Key, Row, differences, reconcile

WATERMARK = 100


def key(number: int) -> Key:
    return (UUID(int=number),)


def row(number: int, name: str = "same", sequence: int = 1) -> Row:
    return Row(key(number), {"name": name}, sequence)


@dataclass(slots=True)
class Copy:
    """A replica in memory, beside its owner. ``reads`` counts the pages of both."""

    owner: Sequence[Row]
    here: Sequence[Row]
    name: str = "copy"
    reads: int = 0
    repaired: list[tuple[Difference, int]] = field(default_factory=list)

    async def begin(self) -> int:
        return WATERMARK

    async def theirs(self, after: Key | None) -> Sequence[Row]:
        return self._page(self.owner, after)

    async def ours(self, after: Key | None) -> Sequence[Row]:
        return self._page(self.here, after)

    async def repair(self, difference: Difference, sequence: int) -> bool:
        self.repaired.append((difference, sequence))
        return True

    def _page(self, rows: Sequence[Row], after: Key | None) -> Sequence[Row]:
        self.reads += 1
        return [each for each in rows if after is None or each.key > after][:PAGE]


async def drifts(owner: Sequence[Row], here: Sequence[Row]) -> list[tuple[Drift, Key]]:
    return [(each.drift, each.key) async for each in differences(Copy(owner, here), WATERMARK)]


async def test_what_is_the_same_is_not_told() -> None:
    assert await drifts([row(1), row(2)], [row(1), row(2)]) == []
    assert await drifts([], []) == []


async def test_what_is_missing_differs_or_is_left_over_is_told_by_key() -> None:
    owner = [row(1), row(3, "new"), row(4), row(6)]
    here = [row(2), row(3, "old"), row(4), row(5)]
    assert await drifts(owner, here) == [
        (Drift.MISSING, key(1)),
        (Drift.LEFT_OVER, key(2)),
        (Drift.DIFFERS, key(3)),
        (Drift.LEFT_OVER, key(5)),
        (Drift.MISSING, key(6)),
    ]


async def test_what_was_heard_since_the_watermark_counts_as_right() -> None:
    assert await drifts([row(1, "older")], [row(1, "newer", WATERMARK + 1), row(2, "new", WATERMARK + 1)]) == []


async def test_it_goes_page_by_page() -> None:
    rows = [row(number) for number in range(2 * PAGE + 1)]
    copy = Copy(rows, rows[:-1])
    assert [each.drift async for each in differences(copy, WATERMARK)] == [Drift.MISSING]
    assert copy.reads == 6


async def test_nothing_is_repaired_unless_it_is_asked_for() -> None:
    copy = Copy([row(1, "right")], [row(1, "wrong")])
    [told] = [each async for each in reconcile(copy, apply=False)]
    assert (told["owner"], told["here"], told["repaired"]) == ({"name": "right"}, {"name": "wrong"}, False)
    assert copy.repaired == []
    [told] = [each async for each in reconcile(copy, apply=True)]
    assert told["repaired"]
    [(difference, sequence)] = copy.repaired
    assert (difference.key, sequence) == (key(1), WATERMARK)
