"""The service, running in this process on a database of its own, with a company and its owner."""

from uuid import UUID

import pytest

from shared.contracts.caller import Caller
from tests.integration.auth.members.staff import hired
from tests.integration.auth.sessions.conftest import database, desk, urls
from tests.integration.auth.sessions.desk import Desk

__all__ = ["database", "desk", "urls"]


@pytest.fixture
async def company(desk: Desk) -> UUID:
    return await desk.tenant("company")


@pytest.fixture
async def owner(desk: Desk, company: UUID) -> Caller:
    return await hired(desk, company, "olga", role="owner")
