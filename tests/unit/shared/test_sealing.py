"""Seals: opened by their own key for their own row, and by nothing else."""

import pytest

from shared.sealing import Sealer, Unreadable

SEALER = Sealer.derive("only-the-tests-know-this-key-0a9f3c5d", "a test")
CONTENT = b"Open https://app.example/?token=4711"


def test_a_seal_opens_for_its_own_row_only() -> None:
    sealed = SEALER.seal(CONTENT, row=b"1")
    assert CONTENT not in sealed
    assert SEALER.unseal(sealed, row=b"1") == CONTENT
    with pytest.raises(Unreadable):
        SEALER.unseal(sealed, row=b"2")


@pytest.mark.parametrize(
    "other",
    [
        Sealer.derive("only-the-tests-know-this-key-0a9f3c5e", "a test"),
        Sealer.derive("only-the-tests-know-this-key-0a9f3c5d", "another purpose"),
    ],
)
def test_a_seal_opens_with_its_own_key_and_purpose_only(other: Sealer) -> None:
    with pytest.raises(Unreadable):
        other.unseal(SEALER.seal(CONTENT, row=b"1"), row=b"1")


def test_a_seal_breaks_at_any_changed_byte() -> None:
    sealed = SEALER.seal(CONTENT, row=b"1")
    changed = [sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :] for at in range(len(sealed))]
    for broken in (*changed, sealed[:-1], sealed[:5], b""):
        with pytest.raises(Unreadable):
            SEALER.unseal(broken, row=b"1")


def test_no_two_seals_are_alike() -> None:
    assert len({SEALER.seal(CONTENT, row=b"1") for _ in range(100)}) == 100


def test_the_key_is_not_in_the_representation() -> None:
    assert "4711" not in repr(Sealer.derive("key-4711", "a test"))
