"""The audit trail as a file: a page of it in memory at a time."""

import csv
import io
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence

from starlette.responses import Response, StreamingResponse

from services.tenants.audit_schemas import AuditAnswer
from services.tenants.domain.audit import AuditEntry

CSV = "text/csv"
NDJSON = "application/x-ndjson"

COLUMNS = ("id", "at", "action", "actor", "subject", "data", "trace_id")
# What a spreadsheet takes for a formula (OWASP, CSV Injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Page = Sequence[AuditEntry]


def _ndjson(page: Page) -> str:
    return "".join(f"{AuditAnswer.of(entry).model_dump_json()}\n" for entry in page)


def _csv(page: Page) -> str:
    return _written([_row(entry) for entry in page])


def _row(entry: AuditEntry) -> list[str]:
    told = AuditAnswer.of(entry).model_dump(mode="json")
    told["data"] = json.dumps(told["data"], ensure_ascii=False, separators=(",", ":"))
    return [_harmless("" if told[name] is None else str(told[name])) for name in COLUMNS]


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _written(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


_FORMS: Mapping[str, tuple[str, str, Callable[[Page], str]]] = {
    CSV: ("csv", _written([COLUMNS]), _csv),
    NDJSON: ("ndjson", "", _ndjson),
}


async def export(media_type: str, pages: AsyncIterator[Page]) -> Response:
    """An answer that streams ``pages``. The first one is there before it begins, so that an outage is still a 503."""
    ending, head, write = _FORMS[media_type]
    first = await anext(pages)

    async def text() -> AsyncIterator[str]:
        yield head + write(first)
        async for page in pages:
            yield write(page)

    headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="audit.{ending}"'}
    return StreamingResponse(text(), headers=headers, media_type=media_type)
