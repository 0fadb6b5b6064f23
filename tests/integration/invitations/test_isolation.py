"""One tenant's invitations do not exist for another."""

import pytest

from services.invitations.repository import invitations
from services.invitations.repository.listing import Filter, list_after
from shared.ids import new_id
from tests.integration.invitations.company import Company
from tests.integration.invitations.desk import Desk


@pytest.mark.parametrize("action", ["", "/resend", "/revoke"])
async def test_anothers_invitation_is_not_found_and_stays_intact(
    desk: Desk, company: Company, rival: Company, action: str
) -> None:
    """CVE-2024-10452, keycloak#47080, CVE-2026-105209"""
    theirs = await desk.invite(rival.admin)
    before = await desk.everything()
    method = "POST" if action else "GET"
    answer = await desk.ask(company.owner, method, f"/api/invitations/{theirs['id']}{action}")
    unknown = await desk.ask(company.owner, method, f"/api/invitations/{new_id()}{action}")

    assert answer.status_code == unknown.status_code == 404
    assert answer.json() | {"request_id": 0} == unknown.json() | {"request_id": 0}
    assert await desk.everything() == before


async def test_the_list_is_the_tenants_own(desk: Desk, company: Company, rival: Company) -> None:
    """CVE-2026-42572"""
    ours = await desk.invite(company.admin)
    await desk.invite(rival.admin)
    await desk.invite(rival.admin, "bob@example.com")
    listed = (await desk.get("/api/invitations", company.admin, tenant_id=str(rival.id))).json()

    assert [item["id"] for item in listed["items"]] == [ours["id"]]


async def test_naming_another_tenant_in_body_query_or_header_changes_nothing(
    desk: Desk, company: Company, rival: Company
) -> None:
    """CVE-2024-5714"""
    desk.http.headers["x-tenant-id"] = str(rival.id)
    refused = await desk.post("/api/invitations", company.admin, email="ann@example.com", tenant_id=str(rival.id))
    made = await desk.ask(
        company.admin, "POST", f"/api/invitations?tenant_id={rival.id}", json={"email": "ann@example.com"}
    )

    assert refused.status_code == 422
    assert made.json()["tenant_id"] == str(company.id)
    assert [row["tenant_id"] for row in await desk.rows("SELECT tenant_id FROM invitations")] == [company.id]


async def test_the_database_holds_every_statement_to_the_tenant(desk: Desk, company: Company, rival: Company) -> None:
    theirs = await desk.invite(rival.admin)
    async with desk.service.database.transaction(company.id) as tx:
        assert await tx.fetch("SELECT FROM invitations") == []
        assert await list_after(tx, None, Filter(), at=desk.clock(), limit=10) == []
        assert await tx.execute("UPDATE invitations SET role = 'owner'") == 0
        assert await invitations.lock_overdue(tx, desk.clock.now.replace(year=9999), 10) == []
        assert [row["name"] for row in await tx.fetch("SELECT name FROM tenants")] == ["Company"]
    assert (await desk.read(rival.admin, theirs["id"]))["role"] == "member"


async def test_the_look_up_role_changes_no_invitation(desk: Desk, company: Company) -> None:
    await desk.invite(company.admin)
    privileges = await desk.rows(
        "SELECT table_name, privilege_type FROM information_schema.column_privileges "
        "WHERE grantee = 'sparknode_invitations_lookup' AND table_name IN ('invitations', 'tenants', 'members')"
    )

    assert {(row["table_name"], row["privilege_type"]) for row in privileges} == {
        ("invitations", "SELECT"),
        ("tenants", "SELECT"),
        ("members", "SELECT"),
    }
