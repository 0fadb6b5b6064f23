"""The route of the audit trail."""

from datetime import datetime
from uuid import UUID

from starlette.responses import Response

from services.tenants.audit_export import CSV, NDJSON, export
from services.tenants.audit_schemas import AuditAnswer, AuditQuery
from services.tenants.use_cases import UseCases
from shared.contracts.caller import Caller
from shared.contracts.permissions import Permission
from shared.http.accept import JSON, Accept
from shared.http.body import InvalidRequest
from shared.http.endpoint import Endpoint
from shared.http.models import Page
from shared.http.problems import InvalidCursor
from shared.http.replies import reply


async def read_audit(use_cases: UseCases, caller: Caller, query: AuditQuery, accept: Accept) -> Response:
    """What has happened in the tenant, newest first.

    With `Accept: text/csv` or `application/x-ndjson` all of it that is wanted, as a file, whatever `limit` says. What
    takes longer than two minutes is broken off, so that its end is missing: ask for a long time in parts, by `since`
    and `until`.
    """
    window = use_cases.cursors.window(caller.tenant_id, "audit", query)
    form = accept.best_of(JSON, CSV, NDJSON)
    if form != JSON:
        return await export(form, use_cases.list_audit.pages(caller.tenant_id, query.wanted))
    after = (datetime.fromisoformat(window.after[0]), UUID(window.after[1])) if window.after else None
    found = await use_cases.list_audit(caller.tenant_id, query.wanted, after=after, limit=window.reach)
    page = window.page(
        Page[AuditAnswer],
        found,
        show=AuditAnswer.of,
        place=lambda entry: [entry.at.isoformat(), str(entry.id)],
    )
    return reply(page)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        "GET",
        "/api/audit",
        read_audit,
        {200: Page[AuditAnswer]},
        (InvalidRequest, InvalidCursor),
        needs=Permission.AUDIT_READ,
        exports=(CSV, NDJSON),
    ),
)
