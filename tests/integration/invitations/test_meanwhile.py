"""Two who do something about one invitation, or one address, at the same moment."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

from services.invitations.repository import invitations
from shared.contracts.email import Email
from shared.contracts.tenants import TenantCreated
from tests.integration.invitations.company import Company, membership, tenant_event
from tests.integration.invitations.desk import Desk, token_in
from tests.support.connections import waiting

ANN, BOB = Email("ann@example.com"), Email("bob@example.com")


async def test_what_is_taken_back_at_this_moment_is_not_sent_again(desk: Desk, company: Company) -> None:
    revoked = await desk.invite(company.admin, ANN)
    async with desk.behind.lend() as somebody:
        async with somebody.transaction():
            await somebody.execute(
                "UPDATE invitations SET status = 'revoked', ended_at = created_at, revoked_by = invited_by"
            )
            inviting = asyncio.ensure_future(desk.invite(company.admin, ANN))
            await waiting(desk.behind, 1)
        invited = await inviting
    assert invited["id"] != revoked["id"]
    assert (await desk.read(company.admin, revoked["id"]))["status"] == "revoked"


async def test_the_fate_of_a_mail_does_not_undo_the_reservation_by_its_link(desk: Desk, company: Company) -> None:
    """Some mail servers take longer to say that they have a mail than its reader to open it."""
    made = await desk.invite(company.admin, ANN)
    async with desk.behind.lend() as somebody:
        async with somebody.transaction():
            until = desk.clock() + timedelta(minutes=1)
            await somebody.execute("UPDATE invitations SET reserved_until = $1", until)
            posting = asyncio.ensure_future(desk.post_mails())
            await waiting(desk.behind, 1)
        await posting
    assert (await desk.read(company.admin, made["id"]))["delivery"]["status"] == "sent"
    assert [row["reserved_until"] for row in await desk.rows("SELECT reserved_until FROM invitations")] == [until]


async def test_the_sweeper_waits_for_nobody_and_marks_the_others(desk: Desk, company: Company) -> None:
    held, reserved = [await desk.invite(company.admin, email, expires_in_days=1) for email in (ANN, BOB)]
    await desk.invite(company.admin, "cem@example.com", expires_in_days=1)
    desk.clock.advance(timedelta(days=1, seconds=-1))
    await desk.reserve(token_in(reserved), BOB)
    desk.clock.advance(timedelta(seconds=1))
    async with desk.behind.lend() as somebody, somebody.transaction():
        await somebody.execute("SELECT FROM invitations WHERE id = $1 FOR UPDATE", UUID(held["id"]))
        assert await asyncio.wait_for(desk.sweep(), 10) == 1
    assert await desk.sweep() == 1


async def test_whoever_invites_or_tells_of_a_member_waits_for_the_address(desk: Desk, company: Company) -> None:
    joined = membership(company, ANN)
    ways: dict[str, Callable[[], Awaitable[object]]] = {
        "invite": lambda: desk.invite(company.admin, ANN),
        "name the owner": lambda: desk.hear(tenant_event(TenantCreated, company, owner_email=ANN), company.id),
        "join": lambda: desk.hear(joined, company.id),
        "leave": lambda: desk.leave(company, ANN, user_id=joined.user_id),
    }
    for way in ways.values():
        async with desk.service.database.transaction(company.id) as tx:
            await invitations.lock_addresses(tx, ANN)
            coming = asyncio.ensure_future(way())
            await waiting(desk.behind, 1)
        await coming


async def test_addresses_are_locked_in_one_order_whoever_names_them(desk: Desk, company: Company) -> None:
    database = desk.service.database

    async def lock_both() -> None:
        async with database.transaction(company.id) as tx:
            await invitations.lock_addresses(tx, BOB, ANN)

    async with database.transaction(company.id) as first:
        await invitations.lock_addresses(first, ANN)
        both = asyncio.ensure_future(lock_both())
        await waiting(desk.behind, 1)
        await asyncio.wait_for(invitations.lock_addresses(first, BOB), 10)
    await both
