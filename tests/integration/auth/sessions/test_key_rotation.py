"""Signing keys take over from each other, are revoked and are sealed anew, while people go on."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from gateway.problems import InvalidToken
from services.auth.domain.signing_keys import PUBLISHED_AFTER, PUBLISHED_AHEAD, KeyState
from services.auth.errors.keys import UnknownSigningKey
from services.auth.signing_keys.commands import keep
from services.auth.signing_keys.keeping import KeyKeeping
from services.auth.signing_keys.ring import KeyRing, KeyWatch
from shared.database import Database
from shared.process import CannotStart
from tests.integration.auth.sessions.desk import JWT_SECRET, Desk, Json, MovableClock, auth_settings, done
from tests.integration.auth.sessions.keys import AGE, NEW_SECRET, SECOND, Gateway, key_of, watch_of


async def in_state(keeping: KeyKeeping, state: KeyState) -> list[str]:
    """The ids of the keys that do this at the moment."""
    return [key.kid for key, found in await keeping.all() if found is state]


async def only(keeping: KeyKeeping, state: KeyState) -> str:
    [kid] = await in_state(keeping, state)
    return kid


async def test_a_key_of_age_is_followed_by_another_and_leaves_when_its_tokens_have_expired(
    keeping: KeyKeeping, clock: MovableClock
) -> None:
    first = await only(keeping, KeyState.SIGNING)
    clock.ahead = AGE - timedelta(hours=1)
    await keeping.turn_over(AGE)
    assert len(await keeping.in_force()) == 1

    clock.ahead = AGE
    await keeping.turn_over(AGE)
    second = await only(keeping, KeyState.WAITING)
    assert await only(keeping, KeyState.SIGNING) == first

    clock.ahead += PUBLISHED_AHEAD
    await keeping.turn_over(AGE)
    assert await only(keeping, KeyState.SIGNING) == second
    assert await only(keeping, KeyState.FORMER) == first

    clock.ahead += PUBLISHED_AFTER
    await keeping.turn_over(AGE)
    assert await only(keeping, KeyState.RETIRED) == first
    assert [key.kid for key in await keeping.in_force()] == [second]


async def test_replicas_that_turn_over_at_once_make_one_key(keeping: KeyKeeping, clock: MovableClock) -> None:
    clock.ahead = AGE
    await asyncio.gather(*(keeping.turn_over(AGE) for _ in range(8)), *(keeping.rotate() for _ in range(8)))
    assert len(await keeping.in_force()) == 2


async def test_whoever_dies_in_the_middle_leaves_the_keys_as_they_were(
    keeping: KeyKeeping, desk: Desk, clock: MovableClock
) -> None:
    first = await only(keeping, KeyState.SIGNING)
    clock.ahead = AGE
    # The new key is written, the old one about to be retired: there the process ends.
    await desk.rows("ALTER TABLE signing_keys ADD CONSTRAINT nobody CHECK (retired_at IS NULL)")
    with pytest.raises(Exception, match="nobody"):
        await keeping.revoke(first)
    assert await only(keeping, KeyState.SIGNING) == first
    await desk.rows("ALTER TABLE signing_keys DROP CONSTRAINT nobody")

    step = asyncio.create_task(keeping.turn_over(AGE))
    await asyncio.sleep(0)  # wherever it stands, it is cut off
    step.cancel()
    await asyncio.gather(step, return_exceptions=True)
    await keeping.turn_over(AGE)
    assert len(await keeping.in_force()) == 2


async def test_the_private_half_of_a_retired_key_is_in_no_dump(
    keeping: KeyKeeping, desk: Desk, clock: MovableClock
) -> None:
    await keeping.revoke(await only(keeping, KeyState.SIGNING))
    rows = await desk.rows("SELECT private_sealed FROM signing_keys WHERE retired_at IS NOT NULL")
    assert [row["private_sealed"] for row in rows] == [b""]


async def test_a_running_replica_notices_what_another_did(
    keeping: KeyKeeping, database: Database, clock: MovableClock
) -> None:
    ring = KeyRing(keeping.sealer, await keeping.in_force())
    watch = KeyWatch(ring, KeyKeeping(database, keeping.sealer, clock), AGE)
    first = ring.signing(clock()).kid
    await keeping.rotate()
    await watch.look()
    assert len(ring.public_jwks()) == 2
    assert ring.signing(clock()).kid == first
    clock.ahead += PUBLISHED_AHEAD + SECOND
    assert ring.signing(clock()).kid != first  # by the clock alone: no replica is later than the others


async def test_what_a_revoked_key_signed_is_refused_and_people_refresh_and_go_on(
    desk: Desk, keeping: KeyKeeping
) -> None:
    await desk.person("ann@company.com", await desk.tenant("company"))
    session, gateway = await desk.session("ann@company.com"), Gateway(desk)
    await gateway.admit(session)

    await keeping.revoke(key_of(session))
    await watch_of(desk).look()
    published = [key["kid"] for key in done(await desk.http.get("/.well-known/jwks.json"))["keys"]]
    assert key_of(session) not in published
    await gateway.keys.refresh()
    with pytest.raises(InvalidToken):
        await gateway.admit(session)

    again = done(await desk.refresh(session["refresh_token"]))
    assert key_of(again) in published
    await gateway.admit(again)


async def test_when_a_key_is_revoked_the_one_that_everybody_has_already_takes_over(keeping: KeyKeeping) -> None:
    await keeping.rotate()
    known = await only(keeping, KeyState.WAITING)
    await keeping.revoke(await only(keeping, KeyState.SIGNING))
    assert await only(keeping, KeyState.SIGNING) == known


async def test_revoking_twice_is_a_success_and_a_key_that_never_was_is_none(keeping: KeyKeeping) -> None:
    kid = await only(keeping, KeyState.SIGNING)
    await asyncio.gather(keeping.revoke(kid), keeping.revoke(kid))
    await keeping.revoke(kid)
    assert len(await keeping.in_force()) == 1
    with pytest.raises(UnknownSigningKey):
        await keeping.revoke("no-such-key")


class Terminal:
    """Somebody who runs the commands of `python -m services.auth keys`, and reads what they write."""

    def __init__(self, desk: Desk, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._desk, self._folder, self._capsys = desk, folder, capsys

    async def keys(self, act: Callable[[KeyKeeping], Awaitable[object]], **more: str) -> list[Json]:
        settings = {name: SecretStr(value) for name, value in more.items()}
        await keep(auth_settings(self._desk.urls, self._folder, **settings), act)
        return [json.loads(line) for line in self._capsys.readouterr().out.splitlines()]


async def test_the_commands_of_an_operator(desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal(desk, tmp_path, capsys)
    [first] = await terminal.keys(KeyKeeping.in_force)
    assert first["state"] == "signing"
    waiting, signing = await terminal.keys(KeyKeeping.rotate)
    assert (waiting["state"], signing["kid"]) == ("waiting", first["kid"])
    after = await terminal.keys(lambda keeping: keeping.revoke(first["kid"]))
    assert {key["kid"]: key["state"] for key in after} == {waiting["kid"]: "signing", first["kid"]: "retired"}
    changed = {"jwt_secret_key": NEW_SECRET, "jwt_secret_key_old": JWT_SECRET}
    assert await terminal.keys(KeyKeeping.rewrap, **changed) == after
    with pytest.raises(CannotStart, match="Nothing was changed"):
        await terminal.keys(KeyKeeping.rewrap)
    with pytest.raises(CannotStart, match="`sparknode keys list`"):
        await terminal.keys(lambda keeping: keeping.revoke("no-such-key"))
