"""What happens to an address while somebody signs up with it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace

import httpx
import pytest

from services.auth.app import assemble, open_parts
from services.auth.errors.joining import AccountExists
from services.auth.passwords.hashing import PasswordHasher
from services.auth.settings import AuthSettings
from services.auth.use_cases import UseCases
from shared.contracts.email import parse_email
from shared.http.client_info import Client
from shared.mail.queue import mail_sealer
from tests.integration.auth.desk import PASSWORD, Company, Desk, problem
from tests.support.callers import DATA_KEY
from tests.support.connections import waiting

ANNA = parse_email("anna@company.com")
CLIENT = Client("192.0.2.1", "test")


@dataclass(slots=True)
class Meanwhile:
    """What others do in the moment in which a password is hashed."""

    events: list[Callable[[], Awaitable[object]]] = field(default_factory=list)

    async def happens(self) -> None:
        while self.events:
            await self.events.pop()()


class InterruptedHasher(PasswordHasher):
    """Lets something else happen first."""

    def __init__(self, meanwhile: Meanwhile) -> None:
        super().__init__()
        self._meanwhile = meanwhile

    async def hash(self, password: str) -> str:
        await self._meanwhile.happens()
        return await super().hash(password)


@pytest.fixture
def meanwhile() -> Meanwhile:
    return Meanwhile()


@pytest.fixture
async def use_cases(desk: Desk, settings: AuthSettings, meanwhile: Meanwhile) -> AsyncIterator[UseCases]:
    parts = await open_parts(settings, desk.service.database, mail_sealer(DATA_KEY), desk.clock)
    hasher = InterruptedHasher(meanwhile)
    yield assemble(replace(parts, hasher=hasher))
    await hasher.close()
    await parts.hasher.close()
    await parts.peer.close()


async def test_an_account_that_is_proven_meanwhile_is_not_replaced(
    desk: Desk, company: Company, use_cases: UseCases, meanwhile: Meanwhile
) -> None:
    await desk.sign_up(ANNA)
    (mail,) = await desk.mails(ANNA)
    before, invited = await desk.user(ANNA), desk.invite(company, ANNA)
    meanwhile.events.append(lambda: desk.verify(mail.token))

    with pytest.raises(AccountExists):
        await use_cases.sign_up_by_invitation(ANNA, "An-entirely-other-one", "Somebody", invited.token, CLIENT)

    after = await desk.user(ANNA)
    assert (after["id"], after["name"], after["password_hash"]) == (
        before["id"],
        before["name"],
        before["password_hash"],
    )
    assert len(await desk.memberships(ANNA)) == 1


async def test_an_account_that_is_made_meanwhile_is_not_doubled(
    desk: Desk, company: Company, use_cases: UseCases, meanwhile: Meanwhile
) -> None:
    invited = desk.invite(company, ANNA)
    meanwhile.events.append(lambda: desk.sign_up(ANNA))

    with pytest.raises(AccountExists):
        await use_cases.sign_up_by_invitation(ANNA, PASSWORD, "Anna", invited.token, CLIENT)

    assert (await desk.sign_up(ANNA, invited.token)).status_code == 201
    assert len(await desk.memberships(ANNA)) == 1


async def test_a_resend_for_an_account_that_is_proven_meanwhile_sends_nothing(
    desk: Desk, company: Company, use_cases: UseCases, meanwhile: Meanwhile
) -> None:
    await desk.sign_up(ANNA)
    (mail,) = await desk.mails(ANNA)
    meanwhile.events.append(lambda: desk.verify(mail.token))

    await use_cases.resend_verification(ANNA)

    assert len(await desk.mails(ANNA)) == 1


async def test_nobody_gets_into_a_tenant_that_is_suspended_at_this_moment(desk: Desk, company: Company) -> None:
    invited = desk.invite(company, "ann@example.org")
    async with desk.behind.lend() as somebody:
        async with somebody.transaction():
            await somebody.execute("UPDATE tenants SET status = 'suspended' WHERE id = $1", company.id)
            joining = asyncio.ensure_future(desk.sign_up("ann@example.org", invited.token))
            await waiting(desk.behind, 1)
        assert problem(await joining) == (403, "tenant_suspended")
    assert await desk.memberships("ann@example.org") == []


async def test_an_account_that_is_proven_at_this_moment_keeps_its_password(desk: Desk, company: Company) -> None:
    await desk.sign_up(ANNA)
    before = len(await desk.mails(ANNA))
    ways: tuple[Callable[[], Awaitable[httpx.Response]], ...] = (
        lambda: desk.sign_up(ANNA, password="An-entirely-other-one"),
        lambda: desk.post("/api/auth/verify-email/resend", {"email": ANNA}),
    )
    for way in ways:
        await desk.rows("UPDATE users SET email_verified_at = NULL")
        async with desk.behind.lend() as somebody:
            async with somebody.transaction():
                await somebody.execute("UPDATE users SET email_verified_at = now()")
                coming = asyncio.ensure_future(way())
                await waiting(desk.behind, 1)
            assert (await coming).status_code == 202
    assert (await desk.user(ANNA))["password_hash"]
    assert len(await desk.mails(ANNA)) == before
