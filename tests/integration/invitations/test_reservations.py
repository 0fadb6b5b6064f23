"""What auth is told while it lets somebody in."""

import asyncio
from datetime import timedelta

import pytest

from tests.integration.invitations.company import Company
from tests.integration.invitations.desk import Desk, token_in


async def test_a_reservation_says_whom_to_let_in_where_and_as_what(desk: Desk, company: Company) -> None:
    made = await desk.invite(company.admin, role="hr")
    answer = await desk.reserve(token_in(made), "ANN@Example.com")

    assert answer.status_code == 200
    until = (desk.clock() + timedelta(seconds=60)).isoformat().replace("+00:00", "Z")
    assert answer.json() == {
        "invitation_id": made["id"],
        "tenant_id": str(company.id),
        "tenant_name": "Company",
        "role": "hr",
        "email": "ann@example.com",
        "state": "reserved",
        "reserved_until": until,
        "invited_by": str(company.admin.subject),
        "operator": None,
    }
    assert (await desk.read(company.admin, made["id"]))["status"] == "pending"


async def test_reserving_again_is_the_same_for_another_minute(desk: Desk, company: Company) -> None:
    token = token_in(await desk.invite(company.admin))
    first = (await desk.reserve(token)).json()
    desk.clock.advance(timedelta(seconds=30))
    second = (await desk.reserve(token)).json()

    assert first.pop("reserved_until") < second.pop("reserved_until")
    assert first == second


async def test_a_reservation_that_leads_to_nothing_lapses_and_the_link_works_again(
    desk: Desk, company: Company
) -> None:
    token = token_in(await desk.invite(company.admin))
    await desk.reserve(token)
    desk.clock.advance(timedelta(minutes=5))

    assert (await desk.reserve(token)).json()["state"] == "reserved"


async def test_many_at_once_get_the_same_answer_and_one_row(desk: Desk, company: Company) -> None:
    """CVE-2024-2913, better-auth#9154: which of them gets in is decided by the one membership."""
    token = token_in(await desk.invite(company.admin))
    answers = await asyncio.gather(*(desk.reserve(token) for _ in range(50)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert len(await desk.rows("SELECT FROM invitations")) == 1


async def test_reserving_and_revoking_at_once_leaves_one_of_them_true(desk: Desk, company: Company) -> None:
    for number in range(10):
        email = f"n{number}@example.com"
        made = await desk.invite(company.admin, email)
        reserved, revoked = await asyncio.gather(
            desk.reserve(token_in(made), email),
            desk.post(f"/api/invitations/{made['id']}/revoke", company.admin),
        )
        assert (reserved.status_code, revoked.status_code) in [(200, 409), (410, 200)]


async def test_reserving_and_resending_at_once_leaves_one_of_them_true(desk: Desk, company: Company) -> None:
    for number in range(10):
        email = f"n{number}@example.com"
        made = await desk.invite(company.admin, email)
        reserved, resent = await asyncio.gather(
            desk.reserve(token_in(made), email),
            desk.post(f"/api/invitations/{made['id']}/resend", company.admin),
        )
        assert (reserved.status_code, resent.status_code) in [(200, 409), (404, 200)]


async def test_the_link_is_for_the_invited_address_only(desk: Desk, company: Company) -> None:
    """sentry#19592: and whoever else holds it is not told what became of it."""
    made = await desk.invite(company.admin)
    await desk.post(f"/api/invitations/{made['id']}/revoke", company.admin)
    before = await desk.everything()
    answer = await desk.reserve(token_in(made), "mallory@example.com")

    assert (answer.status_code, answer.json()["code"]) == (403, "invitation_email_mismatch")
    assert "ann" not in answer.text
    assert await desk.everything() == before


async def test_any_changed_byte_of_the_token_is_another_token(desk: Desk, company: Company) -> None:
    """CVE-2026-1529"""
    token = token_in(await desk.invite(company.admin))
    before = await desk.everything()
    changed = [token[:i] + ("A" if token[i] != "A" else "B") + token[i + 1 :] for i in range(len(token))]
    for forged in [*changed, token + "A", token[:-1], token.lower(), f" {token}", "' OR true --"]:
        answer = await desk.reserve(forged)
        assert (answer.status_code, answer.json()["code"]) == (404, "invitation_not_found")
    assert await desk.everything() == before


async def test_role_and_tenant_come_from_the_row_never_from_the_request(
    desk: Desk, company: Company, rival: Company
) -> None:
    """CVE-2024-0404, CVE-2022-21706"""
    token = token_in(await desk.invite(company.admin))
    before = await desk.everything()
    for extra in ({"role": "owner"}, {"tenant_id": str(rival.id)}, {"email_verified": True}):
        answer = await desk.auth_asks("/internal/reservations", token=token, email="ann@example.com", **extra)
        assert answer.status_code == 422, extra
    assert await desk.everything() == before


async def test_what_is_no_token_is_no_token(desk: Desk) -> None:
    """CVE-2019-16109"""
    odd: list[object] = ["", None, [], {}, 0, True, "x" * 201]
    for token in odd:
        reserved = await desk.auth_asks("/internal/reservations", token=token, email="ann@example.com")
        previewed = await desk.auth_asks("/internal/invitations/preview", token=token)
        assert (reserved.status_code, previewed.status_code) == (422, 422), token


@pytest.mark.parametrize("swept", [False, True])
async def test_one_instant_after_the_end_it_is_over_swept_or_not(desk: Desk, company: Company, swept: bool) -> None:
    """CVE-2025-64708"""
    token = token_in(await desk.invite(company.admin, expires_in_days=1))
    desk.clock.advance(timedelta(days=1) - timedelta(microseconds=1))
    assert (await desk.reserve(token)).status_code == 200
    desk.clock.advance(timedelta(seconds=61))
    if swept:
        assert await desk.sweep() == 1

    answer = await desk.reserve(token)
    assert (answer.status_code, answer.json()["code"]) == (410, "invitation_expired")
    by_address = await desk.auth_asks("/internal/reservations/by-address", email="ann@example.com")
    assert by_address.json() == {"reservation": None}


async def test_nobody_is_let_in_to_a_suspended_tenant(desk: Desk, company: Company) -> None:
    """CVE-2024-47060, CVE-2026-55987"""
    token = token_in(await desk.invite(company.admin))
    await desk.suspend(company)
    answer = await desk.reserve(token)
    by_address = await desk.auth_asks("/internal/reservations/by-address", email="ann@example.com")

    assert (answer.status_code, answer.json()["code"]) == (403, "tenant_suspended")
    assert by_address.json() == {"reservation": None}
    await desk.resume(company)
    assert (await desk.reserve(token)).status_code == 200


async def test_an_accepted_invitation_says_so_to_the_invited_address(desk: Desk, company: Company) -> None:
    """CVE-2025-13324: whether that is "you are in" or "used", the membership decides."""
    made = await desk.invite(company.admin)
    await desk.join(company, "ann@example.com", invitation_id=made["id"])
    answer = (await desk.reserve(token_in(made))).json()

    assert (answer["state"], answer["reserved_until"], answer["invitation_id"]) == ("accepted", None, made["id"])
    assert (await desk.reserve(token_in(made), "bob@example.com")).status_code == 403
