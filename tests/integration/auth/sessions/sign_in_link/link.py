"""How the tests ask for links, and use them."""

from typing import Any

import httpx

from tests.integration.auth.sessions.desk import Desk, Json, done, link_token

EMAIL = "ann@company.com"
ASK, REDEEM = "/api/auth/login/link", "/api/auth/login/link/redeem"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"


async def ask(desk: Desk, email: Any = EMAIL, **more: Any) -> httpx.Response:
    return await desk.post(ASK, {"email": email} | more)


async def redeem(desk: Desk, token: Any, **more: Any) -> httpx.Response:
    return await desk.post(REDEEM, {"token": token} | more)


async def a_token(desk: Desk, **more: Any) -> str:
    """From the newest mail, which was just asked for."""
    assert (await ask(desk, **more)).status_code == 202
    mails = [mail for mail in await desk.mails() if mail["kind"] == "sign_in_link"]
    return link_token(mails[-1])


async def signed_in(desk: Desk) -> Json:
    return done(await redeem(desk, await a_token(desk)))


async def links(desk: Desk) -> list[Json]:
    return [mail for mail in await desk.mails() if mail["kind"] == "sign_in_link"]
