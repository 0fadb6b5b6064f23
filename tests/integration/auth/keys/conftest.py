"""The service, running in this process on a database of its own, with a company and its admin."""

from uuid import UUID

import pytest

from shared.contracts.caller import Caller
from shared.contracts.tenancy import Role
from tests.integration.auth.sessions.conftest import desk, urls
from tests.integration.auth.sessions.desk import Desk
from tests.support.callers import a_caller

__all__ = ["desk", "urls"]


@pytest.fixture
async def company(desk: Desk) -> UUID:
    return await desk.tenant("company")


@pytest.fixture
async def admin(desk: Desk, company: UUID) -> Caller:
    return a_caller(company, Role.ADMIN, await desk.person("ada@company.com", company, role="admin"))
