"""Making operators."""

import asyncio
import sys
from pathlib import Path

import pytest

from services.auth.app import NAME
from services.auth.errors.credentials import InvalidCredentials
from services.auth.operators import create
from services.auth.passwords.choosing import NewPasswords
from services.auth.passwords.hashing import PasswordHasher
from services.auth.settings import AuthSettings
from services.auth.use_cases.admit_operator import AdmitOperator
from shared.contracts.email import parse_email
from shared.contracts.tenancy import PLATFORM_TENANT_ID, Role
from shared.process import CannotStart
from tests.integration.auth.desk import JWT_KEY, PASSWORD, Company, Desk, problem
from tests.support import programs
from tests.support.callers import DATA_KEY, SIGNING_KEY

OPS = "ops@sparknode.example"


@pytest.fixture
def admit(desk: Desk) -> AdmitOperator:
    return AdmitOperator(desk.service.database, NewPasswords(), PasswordHasher(), desk.clock)


async def test_an_operator_is_an_owner_of_the_platform(desk: Desk, admit: AdmitOperator) -> None:
    assert await admit(parse_email(OPS), PASSWORD, "Operator")

    session = (await desk.log_in(OPS)).json()
    assert (session["tenant"]["slug"], session["user"]["role"]) == ("platform", "owner")
    (created,) = await desk.told("membership.created")
    assert (created["joined_via"], created["tenant_id"]) == ("operator", str(PLATFORM_TENANT_ID))


async def test_again_changes_nothing_not_even_the_password(desk: Desk, admit: AdmitOperator) -> None:
    await admit(parse_email(OPS), PASSWORD, "Operator")

    assert not await admit(parse_email(OPS), "Another-password-of-theirs", "Operator")

    assert (await desk.log_in(OPS, PASSWORD)).status_code == 200
    assert len(await desk.told()) == 2


async def test_a_member_of_a_customer_becomes_one_besides(desk: Desk, company: Company, admit: AdmitOperator) -> None:
    await desk.join(company, OPS, Role.HR)

    assert not await admit(parse_email(OPS), PASSWORD, "")

    roles = {each["tenant_id"]: each["role"] for each in await desk.memberships(OPS)}
    assert roles == {company.id: "hr", PLATFORM_TENANT_ID: "owner"}
    assert (await desk.log_in(OPS)).json()["tenant"]["slug"] == "company"


async def test_whoever_made_the_account_by_the_link_of_their_own_invitation_does_not_become_one(
    desk: Desk, company: Company, admit: AdmitOperator
) -> None:
    """CVE-2026-53516: an inviter is shown the link as well, so the account may be in a stranger's hands."""
    await desk.join(company, OPS, password="The-attackers-own-one")

    with pytest.raises(InvalidCredentials, match="this is not its password"):
        await admit(parse_email(OPS), PASSWORD, "Operator")

    assert [each["tenant_id"] for each in await desk.memberships(OPS)] == [company.id]


async def test_a_squatter_does_not_become_one(desk: Desk, company: Company, admit: AdmitOperator) -> None:
    email = "ops@company.com"
    await desk.sign_up(email, password="The-attackers-own-one")

    assert await admit(parse_email(email), PASSWORD, "Operator")

    assert problem(await desk.log_in(email, "The-attackers-own-one")) == (401, "invalid_credentials")
    assert (await desk.log_in(email)).json()["tenant"]["slug"] == "platform"


class TestCommand:
    """``python -m services.auth create-operator``."""

    async def test_it_says_what_it_did(
        self, desk: Desk, settings: AuthSettings, capsys: pytest.CaptureFixture[str]
    ) -> None:
        await create(settings, OPS, PASSWORD, "Operator")
        assert capsys.readouterr().out == f"{OPS} is an operator.\n"

        await create(settings, OPS, "", "Operator")
        known = f"{OPS} already had an account, which keeps its password, and is an operator.\n"
        assert capsys.readouterr().out == known

    async def test_what_is_wrong_is_said_in_a_sentence(self, desk: Desk, settings: AuthSettings) -> None:
        with pytest.raises(CannotStart, match="at least 8 characters"):
            await create(settings, OPS, "short", "Operator")
        with pytest.raises(CannotStart, match=r"name@company\.com"):
            await create(settings, "no-address", PASSWORD, "Operator")

    async def test_it_takes_the_password_from_standard_input(self, desk: Desk, tmp_path: Path) -> None:
        code, out, _ = await _create_operator(desk, tmp_path, OPS, PASSWORD)

        assert (code, out) == (0, f"{OPS} is an operator.\n")
        assert (await desk.log_in(OPS)).status_code == 200


async def _create_operator(desk: Desk, mailbox: Path, email: str, password: str) -> tuple[int, str, str]:
    settings = {
        "ENVIRONMENT": "test",
        "DATABASE_URL": desk.urls.serving,
        "DATABASE_LOOKUP_URL": desk.urls.look_up,
        "CALLER_SIGNING_KEY": SIGNING_KEY,
        "DATA_ENCRYPTION_KEY": DATA_KEY,
        "JWT_SECRET_KEY": JWT_KEY,
        "MAILBOX_DIR": str(mailbox),
    }
    command = [sys.executable, "-m", f"services.{NAME}", "create-operator", email]
    with programs.begun(command, settings, stdin=f"{password}\n") as program:
        return await asyncio.to_thread(program.wait), program.out, program.err
