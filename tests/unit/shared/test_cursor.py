"""Cursors: good for the list they came from, and for nothing else."""

import string
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.http.cursor import CursorSealer
from shared.http.models import Answer, Page, PageQuery
from shared.http.problems import InvalidCursor
from shared.ids import new_id

TENANT = new_id()
SEALER = CursorSealer("a key that only this test knows, long enough")


class Shown(Answer):
    """A row."""


class Filtered(PageQuery):
    q: str = ""


def opened(
    cursor: str | None, *, tenant: UUID = TENANT, listing: str = "users", q: str = "", limit: int = 50
) -> list[str] | None:
    return SEALER.window(tenant, listing, Filtered(cursor=cursor, q=q, limit=limit)).after


def sealed(position: list[str], q: str = "") -> str:
    """The cursor behind ``position``, as the first page of a longer list has it."""
    window = SEALER.window(TENANT, "users", Filtered(q=q, limit=1))
    page = window.page(Page[Shown], [position, position], show=lambda _: Shown(), place=lambda place: place)
    assert page.next_cursor is not None
    return page.next_cursor


@given(st.lists(st.text(max_size=12), max_size=3))
def test_a_cursor_leads_back_to_its_position(position: list[str]) -> None:
    assert opened(sealed(position)) == position


def test_the_first_page_has_no_cursor() -> None:
    assert opened(None) is None


def test_the_size_of_the_page_may_change_on_the_way() -> None:
    assert opened(sealed(["a"]), limit=7) == ["a"]


def test_a_cursor_of_another_tenant_list_or_filter_is_refused() -> None:
    """CVE-2026-33503, and CVE-2025-67717: a cursor tells nothing elsewhere."""
    with pytest.raises(InvalidCursor):
        opened(sealed(["a"]), tenant=new_id())
    with pytest.raises(InvalidCursor):
        opened(sealed(["a"]), listing="invitations")
    with pytest.raises(InvalidCursor):
        opened(sealed(["a"]), q="x")
    with pytest.raises(InvalidCursor):
        opened(sealed(["a"], q="x"))


@given(st.text(max_size=60))
def test_a_made_up_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        opened(cursor)


def test_a_changed_cursor_is_refused() -> None:
    cursor = sealed(["2026-01-01", "x"])
    for at, letter in enumerate(cursor):
        for other in "AB-":
            if other != letter:
                with pytest.raises(InvalidCursor):
                    opened(cursor[:at] + other + cursor[at + 1 :])


def test_a_cursor_has_one_spelling() -> None:
    """Base64 has more: padding, and bits of the last letter that stand for nothing."""
    for length in range(3):
        cursor = sealed(["x" * length])
        last = string.ascii_letters + string.digits + "-_="
        for other in {cursor + "=", cursor + "==", *(cursor[:-1] + letter for letter in last)} - {cursor}:
            with pytest.raises(InvalidCursor):
                opened(other)


def test_a_cursor_that_nobody_made_that_long_is_none_of_ours() -> None:
    with pytest.raises(InvalidCursor):
        opened("A" * 5000)


@pytest.mark.parametrize(("rows", "shown", "goes_on"), [(0, 0, False), (2, 2, False), (3, 3, False), (4, 3, True)])
def test_one_row_too_many_says_that_the_list_goes_on(rows: int, shown: int, goes_on: bool) -> None:
    window = SEALER.window(TENANT, "users", Filtered(limit=3))
    assert window.reach == 4
    page = window.page(Page[Shown], list(range(rows)), show=lambda _: Shown(), place=lambda row: [str(row)])
    assert (len(page.items), page.next_cursor is not None) == (shown, goes_on)
    if page.next_cursor:
        assert opened(page.next_cursor, limit=3) == ["2"]
