"""People of a tenant, and what can be done about them."""

from typing import Any
from uuid import UUID

import httpx

from shared.contracts.caller import Caller
from shared.contracts.tenancy import Role
from tests.integration.auth.sessions.desk import Desk
from tests.support.callers import a_caller


async def hired(desk: Desk, tenant_id: UUID, name: str, **membership: Any) -> Caller:
    """A person, as they would call with a good token."""
    user_id = await desk.person(f"{name}@company.com", tenant_id, **membership)
    return a_caller(tenant_id, Role(membership.get("role", "member")), user_id)


async def change(desk: Desk, by: Caller, of: Caller | UUID, **wanted: Any) -> httpx.Response:
    user_id = of if isinstance(of, UUID) else of.subject
    return await desk.patch(f"/api/users/{user_id}", wanted, by=by)


async def remove(desk: Desk, by: Caller, of: Caller | UUID) -> httpx.Response:
    user_id = of if isinstance(of, UUID) else of.subject
    return await desk.delete(f"/api/users/{user_id}", by=by)


async def events(desk: Desk, user_id: UUID) -> list[str]:
    """What was told of the person's membership, in order."""
    sql = "SELECT type FROM outbox WHERE subject = $1 AND type LIKE 'auth.membership.%' ORDER BY position"
    return [row["type"].split(".")[2] for row in await desk.rows(sql, user_id)]
