"""What a link shows before anybody uses it."""

from datetime import timedelta
from uuid import UUID

from tests.integration.invitations.company import Company
from tests.integration.invitations.desk import Desk, token_in


async def test_a_preview_shows_how_it_stands_and_changes_nothing(desk: Desk, company: Company) -> None:
    """supabase#1214, FusionAuth#629: mail scanners look, too."""
    made = await desk.invite(company.admin, role="hr", expires_in_days=1)
    before = await desk.everything()
    answer = await desk.auth_asks("/internal/invitations/preview", token=token_in(made))

    assert answer.json() == {
        "invitation_id": made["id"],
        "tenant_id": str(company.id),
        "tenant_name": "Company",
        "email": "ann@example.com",
        "role": "hr",
        "state": "pending",
        "accepted_by": None,
        "invited_by": str(company.admin.subject),
        "operator": None,
    }
    assert await desk.everything() == before
    desk.clock.advance(timedelta(days=1))
    later = await desk.auth_asks("/internal/invitations/preview", token=token_in(made))
    assert later.json()["state"] == "expired"


async def test_a_preview_tells_used_from_revoked_from_unknown(desk: Desk, company: Company) -> None:
    used, revoked = await desk.invite(company.admin), await desk.invite(company.admin, "bob@example.com")
    user_id = UUID(int=7)
    await desk.join(company, "ann@example.com", invitation_id=used["id"], user_id=user_id)
    await desk.post(f"/api/invitations/{revoked['id']}/revoke", company.admin)

    answer = (await desk.auth_asks("/internal/invitations/preview", token=token_in(used))).json()
    assert (answer["state"], answer["accepted_by"]) == ("accepted", str(user_id))
    answer = (await desk.auth_asks("/internal/invitations/preview", token=token_in(revoked))).json()
    assert (answer["state"], answer["accepted_by"]) == ("revoked", None)
    unknown = await desk.auth_asks("/internal/invitations/preview", token="x")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "invitation_not_found")
