"""CVE-2026-41181: what is secret appears in no log line and no event."""

from io import StringIO

from shared.logs import configure_logs
from tests.integration.auth.sessions.desk import PASSWORD, Desk, caller_of, link_token
from tests.support.logs import logs_as_before

NEW = "quiet-harbour-93"
EMAIL = "ann@company.com"


async def test_passwords_and_tokens_are_neither_logged_nor_told(desk: Desk) -> None:
    log = StringIO()
    with logs_as_before():
        configure_logs("auth", level="debug", style="json", stream=log)
        refused, secrets = await use_all_secrets(desk)

    rows = await desk.rows("SELECT data::text AS text FROM outbox")
    assert rows
    assert "/api/auth/password/reset" in log.getvalue()
    written = log.getvalue() + refused + "".join(row["text"] for row in rows)
    assert not [secret for secret in secrets if secret in written]


async def use_all_secrets(desk: Desk) -> tuple[str, list[str]]:
    """Every flow that has one: the answer that refuses a new password, and the secrets."""
    await desk.person(EMAIL, await desk.tenant("company"))
    session = await desk.session(EMAIL)
    refreshed = (await desk.refresh(session["refresh_token"])).json()
    await desk.refresh(session["refresh_token"])
    await desk.log_in(EMAIL, f"{PASSWORD}!")
    await desk.post("/api/auth/login", {"email": [EMAIL], "password": f"{PASSWORD}!"})
    await desk.post("/api/auth/password/forgot", {"email": EMAIL})
    token = link_token((await desk.mails())[-1])
    refused = await desk.post("/api/auth/password/reset", {"token": token, "password": "short"})
    await desk.post("/api/auth/password/reset", {"token": token, "password": NEW})
    await desk.post("/api/auth/logout", by=caller_of(await desk.session(EMAIL, NEW)))
    secrets = [PASSWORD, NEW, token, session["access_token"], session["refresh_token"], refreshed["refresh_token"]]
    return refused.text, secrets
