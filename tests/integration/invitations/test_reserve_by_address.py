"""Finding the invitation of somebody who has just proven an address."""

import asyncio
from datetime import timedelta

from tests.integration.invitations.company import Company
from tests.integration.invitations.desk import Desk


async def test_a_proven_address_finds_its_newest_invitation(desk: Desk, company: Company, rival: Company) -> None:
    """PostHog#23930, objectstack#7725"""
    await desk.invite(rival.admin, role="member")
    desk.clock.advance(timedelta(seconds=1))
    newest = await desk.invite(company.admin, role="hr")
    answer = await desk.auth_asks("/internal/reservations/by-address", email="Ann@example.com")

    found = answer.json()["reservation"]
    assert (found["invitation_id"], found["role"], found["state"]) == (newest["id"], "hr", "reserved")
    revoke = await desk.post(f"/api/invitations/{newest['id']}/revoke", company.admin)
    assert revoke.json()["code"] == "invitation_reserved"


async def test_what_is_not_wanted_hides_nothing_else(desk: Desk, company: Company, rival: Company) -> None:
    older = await desk.invite(rival.admin)
    desk.clock.advance(timedelta(seconds=1))
    newest = await desk.invite(company.admin)
    route = "/internal/reservations/by-address"
    for besides, found in (([newest["id"]], older["id"]), ([newest["id"], older["id"]], None)):
        reservation = (await desk.auth_asks(route, email="ann@example.com", besides=besides)).json()["reservation"]
        assert (reservation and reservation["invitation_id"]) == found


async def test_a_suspended_tenants_newer_invitation_does_not_hide_an_older_one(
    desk: Desk, company: Company, rival: Company
) -> None:
    older = await desk.invite(company.admin)
    desk.clock.advance(timedelta(seconds=1))
    await desk.invite(rival.admin)
    await desk.suspend(rival)
    answer = await desk.auth_asks("/internal/reservations/by-address", email="ann@example.com")

    assert answer.json()["reservation"]["invitation_id"] == older["id"]


async def test_an_address_that_nobody_invited_has_none(desk: Desk, company: Company) -> None:
    revoked = await desk.invite(company.admin)
    await desk.post(f"/api/invitations/{revoked['id']}/revoke", company.admin)
    answer = await desk.auth_asks("/internal/reservations/by-address", email="ann@example.com")

    assert answer.json() == {"reservation": None}


async def test_finding_by_address_while_it_is_being_revoked_finds_it_or_nothing(desk: Desk, company: Company) -> None:
    for number in range(10):
        email = f"n{number}@example.com"
        made = await desk.invite(company.admin, email)
        found, revoked = await asyncio.gather(
            desk.auth_asks("/internal/reservations/by-address", email=email),
            desk.post(f"/api/invitations/{made['id']}/revoke", company.admin),
        )
        assert (found.json()["reservation"] is None) == (revoked.status_code == 200)
