"""What tests of revocations begin with."""

import pytest

from shared.contracts.caller import Caller
from shared.ids import new_id
from tests.support.callers import a_caller
from tests.unit.gateway.gate import Gate


@pytest.fixture
async def gate() -> Gate:
    """One that knows of nothing dead."""
    gate = Gate()
    await gate.reload.reload()
    return gate


@pytest.fixture
def caller() -> Caller:
    """Somebody who is let in."""
    return a_caller(new_id())
