"""While a release is rolled out, the old one serves on the schema of the new one."""

from tests.integration.invitations.company import Company
from tests.integration.invitations.desk import Desk, token_in


async def a_whole_life(desk: Desk, company: Company, email: str) -> None:
    """Invited, read, listed, sent again, reserved, accepted."""
    invited = await desk.invite(company.admin, email)
    assert (await desk.get("/api/invitations", company.admin)).json()["items"][0] == await desk.read(
        company.admin, invited["id"]
    )
    assert (await desk.post(f"/api/invitations/{invited['id']}/resend", company.admin)).status_code == 200
    again = await desk.invite(company.admin, email)
    assert (await desk.reserve(token_in(again), email)).status_code == 200
    await desk.join(company, email, invitation_id=invited["id"])
    assert (await desk.read(company.admin, invited["id"]))["status"] == "accepted"


async def test_a_column_that_is_added_meanwhile_disturbs_nobody(desk: Desk, company: Company) -> None:
    """A connection remembers what its statements answer with, which for ``SELECT *`` would be no longer true."""
    await a_whole_life(desk, company, "ann@example.com")
    await desk.rows("ALTER TABLE invitations ADD COLUMN later text")
    await a_whole_life(desk, company, "bob@example.com")
