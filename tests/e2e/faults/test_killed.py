"""SIGKILL of the product at each step of a sign-up by invitation: in exactly once, or the link still works.

The steps are those of the table in docs/architecture.md. A lock of ours stops the product exactly there.
"""

import asyncio

import httpx
import pytest

from tests.e2e.faults.locks import Lock, held
from tests.e2e.faults.mortal import Mortal
from tests.e2e.faults.people import Invited, invite, sign_in, sign_up
from tests.e2e.faults.traces import COMMITTED, IN_ONCE, NOBODY, traces_of, until_all_is_told, until_mailed
from tests.support.connections import change, connected

pytestmark = pytest.mark.slow

BEFORE_RESERVING = "LOCK TABLE invitations IN EXCLUSIVE MODE"
BEFORE_COMMIT = "LOCK TABLE refresh_tokens IN EXCLUSIVE MODE"  # the last that a sign-up writes
BEFORE_PUBLISHING = "LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE"
BEFORE_THE_MARK = "SELECT FROM outbox WHERE published_at IS NULL FOR UPDATE"
INSIDE_THE_CONSUMER = "LOCK TABLE members IN EXCLUSIVE MODE"
A_MINUTE_LATER = "UPDATE invitations SET reserved_until = reserved_until - interval '60 seconds' WHERE email = $1"


async def the_link_works(mortal: Mortal, who: Invited) -> None:
    """They are in once when they try again, and can do nothing with the link after that."""
    async with mortal.client() as http:
        assert (await sign_up(http, who)).status_code == 201
        await until_all_is_told(mortal.databases)
        assert (await sign_up(http, who)).status_code == 409
    assert await traces_of(mortal.databases, who.email) == IN_ONCE


async def they_are_in(mortal: Mortal, who: Invited) -> None:
    """They are in once when the product lives again, whether or not they were told."""
    await until_all_is_told(mortal.databases)
    assert await traces_of(mortal.databases, who.email) == IN_ONCE
    async with mortal.client() as http:
        assert (await sign_up(http, who)).json()["code"] == "account_exists"
        await sign_in(http, who.email)


async def killed_while_signing_up(mortal: Mortal, who: Invited, http: httpx.AsyncClient, lock: Lock) -> None:
    signing_up = asyncio.ensure_future(sign_up(http, who))
    await lock.reached()
    mortal.die()
    with pytest.raises(httpx.TransportError):
        await signing_up


async def test_before_the_reservation_nothing_has_happened(mortal: Mortal) -> None:
    async with mortal.client() as http:
        who = await invite(http, await mortal.admin(http))
        await until_mailed(mortal.databases, who.email)  # which is noted in the table that is locked next
        async with held(mortal.databases["invitations"], BEFORE_RESERVING) as lock:
            await killed_while_signing_up(mortal, who, http, lock)
    assert await traces_of(mortal.databases, who.email) == NOBODY
    mortal.live()
    await the_link_works(mortal, who)


async def test_between_reservation_and_commit_nobody_is_in_and_the_link_works(mortal: Mortal) -> None:
    async with mortal.client() as http:
        who = await invite(http, await mortal.admin(http))
        async with held(mortal.databases["auth"], BEFORE_COMMIT) as lock:
            await killed_while_signing_up(mortal, who, http, lock)
    assert await traces_of(mortal.databases, who.email) == NOBODY
    mortal.live()
    await the_link_works(mortal, who)


async def test_a_reservation_that_led_to_nothing_lapses_and_the_invitation_can_be_sent_again(mortal: Mortal) -> None:
    async with mortal.client() as http:
        who = await invite(http, await mortal.admin(http))
        async with held(mortal.databases["auth"], BEFORE_COMMIT) as lock:
            await killed_while_signing_up(mortal, who, http, lock)
    mortal.live()
    async with mortal.client() as http:
        admin, body = await mortal.admin(http), {"email": who.email}
        refused = await http.post("/api/invitations", json=body, headers=admin)
        assert (refused.status_code, refused.json()["code"]) == (409, "invitation_reserved")
        await change(mortal.databases["invitations"], A_MINUTE_LATER, who.email)
        renewed = await invite(http, admin, who.email)
        assert (await sign_up(http, who)).json()["code"] == "invitation_not_found"
    await the_link_works(mortal, renewed)


async def test_between_commit_and_publishing_the_event_waits_for_the_next_start(mortal: Mortal) -> None:
    async with mortal.client() as http:
        who = await invite(http, await mortal.admin(http))
        async with held(mortal.databases["auth"], BEFORE_COMMIT) as commit:
            signing_up = asyncio.ensure_future(sign_up(http, who))
            await commit.reached()
            async with held(mortal.databases["auth"], BEFORE_PUBLISHING):  # as soon as the sign-up has let go of it
                await commit.release()
                assert (await signing_up).status_code == 201
                mortal.die()
    assert await traces_of(mortal.databases, who.email) == COMMITTED
    assert await unpublished(mortal) > 0
    mortal.live()
    await they_are_in(mortal, who)


async def test_inside_the_consumer_the_event_is_handed_over_again(mortal: Mortal) -> None:
    async with mortal.client() as http:
        who = await invite(http, await mortal.admin(http))
        async with held(mortal.databases["invitations"], INSIDE_THE_CONSUMER) as lock:
            assert (await sign_up(http, who)).status_code == 201
            await lock.reached()
            mortal.die()
    assert await traces_of(mortal.databases, who.email) == COMMITTED
    mortal.live()
    await they_are_in(mortal, who)


async def test_between_publishing_and_the_mark_the_event_comes_twice_and_counts_once(mortal: Mortal) -> None:
    async with mortal.client() as http:
        who = await invite(http, await mortal.admin(http))
        async with held(mortal.databases["invitations"], INSIDE_THE_CONSUMER) as effect:
            assert (await sign_up(http, who)).status_code == 201
            await effect.reached()
            async with held(mortal.databases["auth"], BEFORE_THE_MARK) as mark:
                await effect.release()
                await mark.reached()
                mortal.die()
                # The mark is one statement, which the server would still finish for a client that is gone.
                await mark.end_those_who_wait()
    assert await traces_of(mortal.databases, who.email) == IN_ONCE
    assert await unpublished(mortal) > 0
    mortal.live()
    await they_are_in(mortal, who)


async def unpublished(mortal: Mortal) -> int:
    """How many events of auth wait to be published."""
    async with connected(mortal.databases["auth"]) as connection:
        found: int = await connection.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL")
        return found
