"""A tenant with thousands of people."""

from uuid import UUID

from tests.integration.auth.sessions.desk import Desk

PEOPLE = 3000

_FILL = """
    WITH made AS (
        INSERT INTO users (id, tenant_id, email, name, email_verified_at, created_at)
        SELECT gen_random_uuid(), $1, n || '@many.example', 'P' || n, now(), now() - n * interval '1 second'
          FROM generate_series(1, $2::int) AS n RETURNING *)
    INSERT INTO memberships (tenant_id, user_id, email, name, role, status, joined_via, email_verified, created_at)
    SELECT tenant_id, id, email, name, 'member', 'active', 'domain', true, created_at FROM made
"""


async def gathered(desk: Desk, slug: str) -> UUID:
    """The tenant; one of its people joined in each of the last seconds."""
    tenant_id = await desk.tenant(slug)
    await desk.rows(_FILL, tenant_id, PEOPLE)
    await desk.rows("ANALYZE memberships")
    return tenant_id
