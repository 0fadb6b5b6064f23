"""Somebody whom links let in."""

from uuid import UUID

import pytest

from tests.integration.auth.sessions.desk import Desk
from tests.integration.auth.sessions.sign_in_link.link import EMAIL


@pytest.fixture
async def ann(desk: Desk, company: UUID) -> UUID:
    await desk.allow(company, "email_link")
    return await desk.person(EMAIL, company)
