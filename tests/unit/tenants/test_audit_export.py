"""What of an export a spreadsheet might take for more than text."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.responses import StreamingResponse

from services.tenants.audit_export import CSV, export
from services.tenants.domain.audit import AuditEntry
from shared.ids import new_id


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
async def test_no_cell_of_a_csv_is_a_formula(cell: str) -> None:
    entry = AuditEntry(new_id(), new_id(), datetime.now(UTC), cell, cell, new_id(), {"name": cell}, None)
    (row,) = await rows_of(entry)
    assert row["action"] == row["actor"] == f"'{cell}"
    assert not any(str(value).startswith(("=", "+", "-", "@", "\t", "\r")) for value in row.values())


async def rows_of(*entries: AuditEntry) -> list[dict[str, Any]]:
    async def pages() -> AsyncIterator[list[AuditEntry]]:
        yield list(entries)

    answer = await export(CSV, pages())
    assert isinstance(answer, StreamingResponse)
    text = "".join([str(chunk) async for chunk in answer.body_iterator])
    return list(csv.DictReader(io.StringIO(text, newline="")))
