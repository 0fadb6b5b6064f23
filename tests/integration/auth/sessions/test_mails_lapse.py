"""Until when mails with a link are worth sending."""

from uuid import UUID

from shared.clock import utc_now
from tests.integration.auth.sessions.desk import Desk, link_token


async def test_a_mail_lapses_with_the_link_in_it_and_a_notice_never(desk: Desk, company: UUID) -> None:
    desk.clock.standing = utc_now()
    await desk.allow(company, "password", "email_link")
    await desk.person("ann@company.com", company)
    await desk.person("bob@company.com", company)
    await desk.person("new@company.com", company, verified=False)
    await desk.post("/api/auth/login/link", {"email": "ann@company.com"})
    await desk.post("/api/auth/verify-email/resend", {"email": "new@company.com"})
    await desk.post("/api/auth/password/forgot", {"email": "bob@company.com"})

    rows = await desk.rows("SELECT purpose, expires_at FROM one_time_tokens")
    links = {row["purpose"]: row["expires_at"] for row in rows}
    assert await _ends(desk) == {
        "sign_in_link": links["sign_in"],
        "verification": links["verify_email"],
        "password_reset": links["reset_password"],
    }

    reset = {"token": link_token((await desk.mails())[-1]), "password": "quiet-harbour-93"}
    assert (await desk.post("/api/auth/password/reset", reset)).status_code == 204
    assert (await _ends(desk))["password_changed"] is None


async def _ends(desk: Desk) -> dict[str, object]:
    return {row["kind"]: row["good_until"] for row in await desk.rows("SELECT kind, good_until FROM mails")}
