"""A sign-in, and what becomes of the password or its hash at that moment."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import bcrypt
import pytest

from services.auth.app import open_parts
from services.auth.domain.throttling import Attempt
from services.auth.errors.credentials import HashingOverloaded, InvalidCredentials
from services.auth.passwords.hashing import PasswordHasher
from services.auth.sign_in.gate import SignInGate
from services.auth.sign_in.recognition import Recognition
from services.auth.sign_in.throttle import Throttle
from services.auth.use_cases.log_in import LogIn
from shared.contracts.email import parse_email
from shared.database import Database
from shared.http.client_info import Client
from shared.mail.queue import mail_sealer
from tests.integration.auth.sessions.desk import PASSWORD, Desk, auth_settings
from tests.support.callers import DATA_KEY

EMAIL = parse_email("ann@company.com")
BROWSER = Client("192.0.2.1", "a browser")


class SlowHasher(PasswordHasher):
    """Something happens between its verdict and what is made of it."""

    def __init__(self, meanwhile: Callable[[], Awaitable[object]]) -> None:
        super().__init__()
        self.meanwhile = meanwhile

    async def verify(self, password: str, hashed: str | None) -> bool:
        matches = await super().verify(password, hashed)
        await self.meanwhile()
        return matches


@asynccontextmanager
async def logging_in(
    desk: Desk, database: Database, folder: Path, meanwhile: Callable[[], Awaitable[object]]
) -> AsyncIterator[LogIn]:
    hasher = SlowHasher(meanwhile)
    parts = await open_parts(auth_settings(desk.urls, folder), database, mail_sealer(DATA_KEY), desk.clock)
    gate = SignInGate(database, Throttle(database, desk.clock))
    yield LogIn(database, Recognition(database, gate, hasher, parts.failures), parts.sessions)
    for close in (hasher.close, parts.hasher.close, parts.peer.close):
        await close()


@pytest.mark.parametrize("to_be_renewed", [True, False])
async def test_a_former_password_opens_nothing_after_it_was_changed(
    desk: Desk, database: Database, tmp_path: Path, to_be_renewed: bool
) -> None:
    ann = await desk.person(EMAIL, await desk.tenant("company"))

    async def change_password() -> None:
        await desk.rows("UPDATE users SET password_hash = $2 WHERE id = $1", ann, desk.hash_of("quiet-harbour-93"))

    async with logging_in(desk, database, tmp_path, change_password) as log_in:
        if not to_be_renewed:
            hashed = await log_in.recognition.passwords.hash(PASSWORD)
            await desk.rows("UPDATE users SET password_hash = $2 WHERE id = $1", ann, hashed)
        with pytest.raises(InvalidCredentials):
            await log_in(EMAIL, PASSWORD, None, BROWSER)
    assert not await desk.rows("SELECT FROM sessions")


async def test_of_two_first_sign_ins_with_a_password_of_another_system_both_are_good(
    desk: Desk, database: Database, tmp_path: Path
) -> None:
    ann = await desk.person(EMAIL, await desk.tenant("company"))
    brought = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    await desk.rows("UPDATE users SET password_hash = $2 WHERE id = $1", ann, brought)

    async with logging_in(desk, database, tmp_path, lambda: desk.session(EMAIL)) as log_in:
        grant = await log_in(EMAIL, PASSWORD, None, BROWSER)
    assert grant.user.id == ann


async def test_tries_for_which_there_was_no_room_close_no_account(
    desk: Desk, database: Database, tmp_path: Path
) -> None:
    await desk.person(EMAIL, await desk.tenant("company"))

    async def overloaded() -> None:
        raise HashingOverloaded(retry_after=2.0)

    async with logging_in(desk, database, tmp_path, overloaded) as log_in:
        for _ in range(Attempt.LOG_IN.allowance.free + 1):
            with pytest.raises(HashingOverloaded):
                await log_in(EMAIL, PASSWORD, None, Client("8.8.8.8", "a browser"))
    assert [row["tries"] for row in await desk.rows("SELECT tries FROM throttles")] == [0, 0]
    await desk.session(EMAIL)
