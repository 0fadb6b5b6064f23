"""SIGKILL of the product in the middle of many sign-ups at once, at a moment that nobody chose."""

import asyncio
import os
import random
import secrets
import sys

import httpx
import pytest

from tests.e2e.faults.mortal import Mortal
from tests.e2e.faults.people import Invited, invite, sign_up, sign_up_at_last
from tests.e2e.faults.traces import IN_ONCE, NOBODY, traces, until_all_is_told
from tests.support.connections import connected
from tests.support.waiting import eventually

PEOPLE = 30
ROUNDS = int(os.environ.get("FAULT_ROUNDS", "2"))
SEED = os.environ.get("FAULT_SEED")
"""Of a round that is to be repeated, as far as the machine goes along."""

STEPS_OF_EACH = 3
PATIENCE_SECONDS = 30.0
_RESERVED = (
    "SELECT count(*) FROM invitations WHERE email = ANY($1) AND (reserved_until IS NOT NULL OR status = 'accepted')"
)
_ACCEPTED = "SELECT count(*) FROM invitations WHERE email = ANY($1) AND status = 'accepted'"
_IN = "SELECT count(*) FROM users WHERE email = ANY($1)"


@pytest.mark.slow
@pytest.mark.parametrize("number", range(ROUNDS))
async def test_everybody_is_in_exactly_once_whenever_it_was(mortal: Mortal, number: int) -> None:
    seed = int(SEED) if SEED else secrets.randbits(32)
    sys.stdout.write(f"round {number}: FAULT_SEED={seed}\n")
    chance = random.Random(seed)  # noqa: S311 - no secret
    async with mortal.client() as http:
        admin = await mortal.admin(http)
        people = await asyncio.gather(*(invite(http, admin) for _ in range(PEOPLE)))
        in_at_once = await killed_while_signing_up(mortal, http, people, chance)
    mortal.live()
    await until_all_is_told(mortal.databases)
    found = await traces(mortal.databases, (who.email for who in people))
    assert all(found[email] == IN_ONCE for email in in_at_once)
    assert set(found.values()) <= {NOBODY, IN_ONCE}
    async with mortal.client() as http:
        statuses = await asyncio.gather(*(sign_up_at_last(http, who) for who in people))
    expected = {NOBODY: 201, IN_ONCE: 409}
    assert statuses == [expected[found[who.email]] for who in people]
    await until_all_is_told(mortal.databases)
    assert set((await traces(mortal.databases, found)).values()) == {IN_ONCE}


async def killed_while_signing_up(
    mortal: Mortal, http: httpx.AsyncClient, people: list[Invited], chance: random.Random
) -> set[str]:
    """Let everybody sign up, some of them twice, and kill the product on the way: who was told to be in."""
    clicks = people + people[::4]
    chance.shuffle(clicks)
    steps = chance.randrange(PEOPLE * STEPS_OF_EACH)
    told: set[str] = set()

    async def click(who: Invited) -> None:
        try:
            answer = await sign_up(http, who)
        except httpx.TransportError:
            return
        assert answer.status_code in {201, 409, 503}, answer.text
        if answer.status_code == 201:
            told.add(who.email)

    emails = [who.email for who in people]
    async with connected(mortal.databases["auth"]) as auth, connected(mortal.databases["invitations"]) as invitations:

        async def have_gone() -> bool:
            """So many steps all together: an invitation reserved, an account made, an invitation accepted."""
            gone: int = await invitations.fetchval(_RESERVED, emails)
            gone += await auth.fetchval(_IN, emails)
            gone += await invitations.fetchval(_ACCEPTED, emails)
            return gone >= steps

        async with asyncio.TaskGroup() as clicking:
            for who in clicks:
                clicking.create_task(click(who))
            await eventually(have_gone, f"{steps} steps", PATIENCE_SECONDS)
            mortal.die()
    return told
