"""Signing keys take over from each other, are revoked and are sealed anew, while people go on."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import jwt
import pytest
from pydantic import SecretStr

from gateway.authenticate.access_token import AccessTokenVerifier
from gateway.authenticate.key_set import KeyDocument, KeySet
from gateway.problems import InvalidToken
from services.auth.domain.signing_keys import PUBLISHED_AFTER, PUBLISHED_AHEAD, KeyState
from services.auth.errors.keys import UnknownSigningKey
from services.auth.signing_keys.commands import keep
from services.auth.signing_keys.keeping import KeyKeeping
from services.auth.signing_keys.ring import KeyRing, KeyWatch
from services.auth.signing_keys.sealing import KeySealer
from shared.clock import utc_now
from shared.database import Database
from shared.process import CannotStart
from tests.integration.auth.sessions.desk import (
    JWT_SECRET,
    PUBLIC_URL,
    Desk,
    Json,
    MovableClock,
    auth_settings,
    done,
    problem,
    serving,
)
from tests.support.databases import DatabaseUrls

AGE = timedelta(days=90)
SECOND = timedelta(seconds=1)
NEW_SECRET = "only-the-tests-seal-keys-anew-with-this-0d44fa1b"


@pytest.fixture
async def database(urls: DatabaseUrls) -> AsyncIterator[Database]:
    opened = await Database.open("auth", urls.serving, urls.look_up)
    yield opened
    await opened.close()


@pytest.fixture
async def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
async def keeping(database: Database, clock: MovableClock) -> KeyKeeping:
    kept = KeyKeeping(database, KeySealer.from_secret(JWT_SECRET), clock)
    await kept.begin()
    return kept


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


class Gateway:
    """As far as tokens are concerned: the keys of ``ring``, as a gateway keeps them."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring
        self.keys = KeySet(self._fetch)
        self.verifier = AccessTokenVerifier(self.keys, PUBLIC_URL)

    async def _fetch(self) -> KeyDocument:
        return KeyDocument(keys=list(self._ring.public_jwks()))


async def key_of(session: Json) -> str:
    kid: str = jwt.get_unverified_header(session["access_token"])["kid"]
    return kid


async def test_what_a_revoked_key_signed_is_refused_and_people_refresh_and_go_on(
    desk: Desk, keeping: KeyKeeping, watch: KeyWatch
) -> None:
    await desk.person("ann@company.com", await desk.tenant("company"))
    session, gateway = await desk.session("ann@company.com"), Gateway(watch.ring)
    await gateway.verifier.verify(session["access_token"], utc_now().timestamp())

    await keeping.revoke(await key_of(session))
    await watch.look()
    published = [key["kid"] for key in done(await desk.http.get("/.well-known/jwks.json"))["keys"]]
    assert await key_of(session) not in published
    await gateway.keys.refresh()
    with pytest.raises(InvalidToken):
        await gateway.verifier.verify(session["access_token"], utc_now().timestamp())

    again = done(await desk.refresh(session["refresh_token"]))
    assert await key_of(again) in published
    await gateway.verifier.verify(again["access_token"], utc_now().timestamp())


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


async def test_the_secret_changes_while_everybody_goes_on(
    keeping: KeyKeeping, database: Database, clock: MovableClock
) -> None:
    """Old processes, then old and new ones side by side, then new ones alone: each signs and starts at any time."""
    old, both, new = keeping.sealer, KeySealer.from_secret(NEW_SECRET, JWT_SECRET), KeySealer.from_secret(NEW_SECRET)
    running = KeyRing(old, await keeping.in_force())
    kid = running.signing(clock()).kid
    await KeyKeeping(database, both, clock).rotate()
    rows = await keeping.in_force()
    running.take(rows)
    assert running.signing(clock()).kid == KeyRing(both, rows).signing(clock()).kid == kid
    assert len(running.public_jwks()) == 2  # what the new process will sign can be checked with the keys of the old

    await KeyKeeping(database, both, clock).rewrap()
    rows = await keeping.in_force()
    running.take(rows)
    assert running.signing(clock()).kid == kid
    assert {new.unseal(row).kid for row in rows} == {row.kid for row in rows}
    assert KeyRing(new, rows).signing(clock()).kid == kid


async def test_a_replica_left_with_the_former_secret_stops_being_ready_before_what_it_signs_is_refused(
    desk: Desk, watch: KeyWatch, database: Database, tmp_path: Path
) -> None:
    await desk.person("ann@company.com", await desk.tenant("company"))
    session = await desk.session("ann@company.com")
    others = KeyKeeping(database, KeySealer.from_secret(NEW_SECRET, JWT_SECRET), desk.clock)
    await others.rotate()
    await watch.look()
    assert await signing_keys_of(desk) == (200, "ok")  # the time of the new one has not come

    desk.clock.ahead += PUBLISHED_AHEAD + SECOND
    KeyRing(others.sealer, await others.in_force()).require(desk.clock())  # the others are ready
    assert await signing_keys_of(desk) == (503, "signing_key_unreadable")
    again = done(await desk.refresh(session["refresh_token"]))  # whoever is still sent here
    assert await key_of(again) in [key.kid for key in await others.in_force()]

    desk.clock.ahead += PUBLISHED_AFTER
    await others.turn_over(AGE)
    await watch.look()
    assert problem(await desk.refresh(again["refresh_token"])) == (503, "signing_key_unreadable")
    async with serving(desk.urls, tmp_path, jwt_secret_key=SecretStr(NEW_SECRET)) as replica:
        done(await replica.refresh(again["refresh_token"]))  # it was not used up


async def signing_keys_of(desk: Desk) -> tuple[int, str]:
    """What a replica says of itself: status, and what there is to say of its keys."""
    answer = await desk.http.get("/readyz")
    return answer.status_code, answer.json()["checks"]["signing_keys"]


@pytest.fixture
async def watch(desk: Desk) -> KeyWatch:
    """The worker of the service that the desk asks."""
    [found] = [worker for worker in desk.workers if isinstance(worker, KeyWatch)]
    return found


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
