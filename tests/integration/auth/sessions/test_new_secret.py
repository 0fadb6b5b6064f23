"""`JWT_SECRET_KEY` changes: the keys are sealed anew, while people go on at all replicas."""

import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr

from services.auth.domain.signing_keys import PUBLISHED_AFTER, PUBLISHED_AHEAD
from services.auth.signing_keys.keeping import KeyKeeping
from services.auth.signing_keys.ring import KeyRing
from services.auth.signing_keys.sealing import KeySealer
from shared.database import Database
from shared.sealing import Unreadable
from tests.integration.auth.sessions.desk import JWT_SECRET, Desk, MovableClock, done, problem, serving
from tests.integration.auth.sessions.keys import AGE, NEW_SECRET, SECOND, Gateway, key_of, watch_of

BOTH = {"jwt_secret_key": SecretStr(NEW_SECRET), "jwt_secret_key_old": SecretStr(JWT_SECRET)}
NEW = {"jwt_secret_key": SecretStr(NEW_SECRET)}
CLOSED = "signing_key_unreadable"
TIMES = 3
PEOPLE = [f"person{n}@company.com" for n in range(4)]


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
    desk: Desk, database: Database, tmp_path: Path
) -> None:
    watch = watch_of(desk)
    await desk.person("ann@company.com", await desk.tenant("company"))
    session = await desk.session("ann@company.com")
    others = KeyKeeping(database, KeySealer.from_secret(NEW_SECRET, JWT_SECRET), desk.clock)
    await others.rotate()
    await watch.look()
    assert await readiness_of(desk) == (200, "ok", CLOSED)  # the time of the new one has not come

    desk.clock.ahead += PUBLISHED_AHEAD + SECOND
    KeyRing(others.sealer, await others.in_force()).require(desk.clock())  # the others are ready
    assert await readiness_of(desk) == (503, CLOSED, CLOSED)
    again = done(await desk.refresh(session["refresh_token"]))  # whoever is still sent here
    assert key_of(again) in [key.kid for key in await others.in_force()]

    desk.clock.ahead += PUBLISHED_AFTER
    await others.turn_over(AGE)
    await watch.look()
    assert problem(await desk.refresh(again["refresh_token"])) == (503, CLOSED)
    async with serving(desk.urls, tmp_path, jwt_secret_key=SecretStr(NEW_SECRET)) as replica:
        done(await replica.refresh(again["refresh_token"]))  # it was not used up


async def test_whoever_is_left_with_the_former_secret_makes_no_key(keeping: KeyKeeping, clock: MovableClock) -> None:
    """It would be closed to all others, and they would stop signing when its time comes."""
    others = KeyKeeping(keeping.database, KeySealer.from_secret(NEW_SECRET, JWT_SECRET), clock)
    await others.rewrap()
    [signing] = await keeping.in_force()
    clock.ahead = AGE
    await keeping.turn_over(AGE)
    with pytest.raises(Unreadable):
        await keeping.rotate()
    with pytest.raises(Unreadable):
        await keeping.revoke(signing.kid)
    assert await keeping.in_force() == [signing]

    await others.turn_over(AGE)
    clock.ahead += PUBLISHED_AHEAD + PUBLISHED_AFTER
    await keeping.turn_over(AGE)  # to retire a key takes no secret
    [successor] = await keeping.in_force()
    assert others.sealer.opens(successor)
    assert successor.kid != signing.kid


async def readiness_of(desk: Desk) -> tuple[int, str, str]:
    """What a replica says of itself: its status, whether it can sign, and whether its secret opens all keys."""
    answer = await desk.http.get("/readyz")
    checks = answer.json()["checks"]
    return answer.status_code, checks["signing_keys"], checks["jwt_secret_key"]


async def test_nobody_is_refused_at_any_replica_while_the_keys_are_sealed_anew(
    desk: Desk, database: Database, tmp_path: Path
) -> None:
    company = await desk.tenant("company")
    for email in PEOPLE:
        await desk.person(email, company)
    keeping = KeyKeeping(database, KeySealer.from_secret(NEW_SECRET, JWT_SECRET), desk.clock)
    async with serving(desk.urls, tmp_path, **BOTH) as other:
        replicas, gateways = [desk, other], [Gateway(desk), Gateway(other)]
        people = asyncio.gather(*(go_on(email, replicas, gateways) for email in PEOPLE))
        while not people.done():
            await asyncio.gather(keeping.rewrap(), keeping.rotate(), *(watch_of(each).look() for each in replicas))
            assert all(await asyncio.gather(*(each.keys.refresh() for each in gateways)))
            assert [(await readiness_of(each))[:2] for each in replicas] == [(200, "ok")] * 2
        await people
        async with serving(desk.urls, tmp_path, **NEW) as last:
            await gateways[0].admit(await last.session(PEOPLE[0]))


async def go_on(email: str, replicas: list[Desk], gateways: list[Gateway]) -> None:
    """Sign in and refresh, each time at another replica, and be let in by all gateways."""
    session = await replicas[0].session(email)
    for replica in replicas * TIMES:
        session = done(await replica.refresh(session["refresh_token"]))
        for each in (session, await replica.session(email)):
            for gateway in gateways:
                await gateway.admit(each)
