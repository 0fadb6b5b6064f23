"""The snapshots of the published schemas are true, and cannot be made true by accident."""

from pathlib import Path
from typing import ClassVar
from uuid import UUID

import pytest

from shared.contracts.events import Event
from tests.contract.snapshots import Finding, findings, main, record


class Planted(Event):
    """A tree was planted."""

    type: ClassVar[str] = "garden.tree.planted.v1"

    tree_id: UUID
    kind: str

    @property
    def subject(self) -> UUID:
        return self.tree_id


class PlantedWithHeight(Planted):
    height: int | None = None


class PlantedWithoutKind(Event):
    type: ClassVar[str] = Planted.type

    tree_id: UUID
    height: int | None = None

    @property
    def subject(self) -> UUID:
        return self.tree_id


class PlantedInAGarden(Planted):
    garden_id: UUID | None = None

    @property
    def subject(self) -> UUID:
        return self.garden_id or self.tree_id


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where ``Planted`` is recorded."""
    record(findings([Planted], tmp_path), tmp_path)
    return tmp_path


def found(event: type[Event], folder: Path) -> Finding:
    [finding] = findings([event], folder)
    return finding


def test_what_is_published_is_what_the_code_says() -> None:
    assert main() == 0, "Run `make check`."


def test_what_is_recorded_is_fine(folder: Path) -> None:
    assert list(findings([Planted], folder)) == []


def test_a_new_type_wants_a_snapshot(tmp_path: Path) -> None:
    assert "has no snapshot" in str(found(Planted, tmp_path))
    assert "make fix" in str(found(Planted, tmp_path))


def test_a_new_optional_field_wants_to_be_recorded(folder: Path) -> None:
    assert "new optional field" in str(found(PlantedWithHeight, folder))
    assert record([found(PlantedWithHeight, folder)], folder) == []
    assert list(findings([PlantedWithHeight], folder)) == []


def test_a_field_that_was_recorded_stays(folder: Path) -> None:
    record(findings([PlantedWithHeight], folder), folder)
    assert found(Planted, folder).breaks == ("`height` is gone.",)


def test_a_broken_promise_is_told_with_the_way_out(folder: Path) -> None:
    told = str(found(PlantedWithoutKind, folder))
    assert "`kind` is gone." in told
    assert "garden.tree.planted.v2" in told


def test_a_broken_promise_is_never_written_over(folder: Path) -> None:
    before = (folder / f"{Planted.type}.json").read_text()
    assert record([found(PlantedWithoutKind, folder)], folder) == [found(PlantedWithoutKind, folder)]
    assert (folder / f"{Planted.type}.json").read_text() == before


def test_the_subject_is_part_of_the_promise(folder: Path) -> None:
    assert "x-subject" in str(found(PlantedInAGarden, folder))


def test_a_type_does_not_just_vanish(folder: Path) -> None:
    [finding] = findings([], folder)
    assert record([finding], folder) == [finding]
    assert f"delete {Planted.type}.json" in str(finding)
