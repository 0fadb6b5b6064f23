"""The mail about a sign-in on a device that was never seen with the account before."""

from uuid import UUID

import pytest

from services.auth.domain.devices import MOST_KNOWN, fingerprint
from tests.integration.auth.sessions.desk import PASSWORD, Desk, Json, caller_of, done, link_token

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"
CHROME = "Mozilla/5.0 (Windows NT 10.0) Chrome/131.0.0.0 Safari/537.36"

ANEW = "a quiet harbour 17"


@pytest.fixture
async def ann(desk: Desk) -> UUID:
    return await desk.person("ann@company.com", await desk.tenant("company"))


async def sign_in(desk: Desk, agent: str = FIREFOX, address: str = "192.0.2.7", password: str = PASSWORD) -> Json:
    headers = desk.headers() | {"User-Agent": agent, "X-Client-Address": address}
    body = {"email": "ann@company.com", "password": password}
    return done(await desk.http.post("/api/auth/login", json=body, headers=headers))


async def test_the_owner_is_told_of_a_device_that_was_never_seen(desk: Desk, ann: UUID) -> None:
    await sign_in(desk)
    await sign_in(desk, CHROME, "198.51.100.9")
    [mail] = await desk.mails()
    assert (mail["kind"], mail["to"], mail["subject"]) == ("new_device", "ann@company.com", "New sign-in to Company")
    assert "Device: Chrome on Windows\nAddress: 198.51.100.9\n" in mail["text"]
    assert "https://id.example/forgot-password" in mail["text"]


async def test_neither_the_first_device_nor_one_that_is_known_is_news(desk: Desk, ann: UUID) -> None:
    for _ in range(2):
        await sign_in(desk)
    assert await desk.mails() == []
    for _ in range(3):
        await sign_in(desk, CHROME)
        await sign_in(desk)
    assert len(await desk.mails()) == 1


async def test_the_first_device_is_no_news_whatever_colleagues_use(desk: Desk, ann: UUID) -> None:
    [[company]] = await desk.rows("SELECT tenant_id FROM users")
    await desk.person("bob@company.com", company)
    await desk.session("bob@company.com")
    await sign_in(desk)
    assert await desk.mails() == []


async def test_a_switch_of_tenants_on_the_same_device_is_no_news(desk: Desk, ann: UUID) -> None:
    other = await desk.tenant("other")
    await desk.join(ann, other)
    session = await desk.session("ann@company.com")
    await desk.post("/api/auth/switch-tenant", {"tenant_id": str(other)}, by=caller_of(session))
    assert await desk.mails() == []


async def test_a_refused_sign_in_makes_no_device_known(desk: Desk, ann: UUID) -> None:
    await desk.rows("UPDATE memberships SET status = 'suspended'")
    headers = desk.headers() | {"User-Agent": CHROME}
    await desk.http.post("/api/auth/login", json={"email": "ann@company.com", "password": PASSWORD}, headers=headers)
    assert await desk.rows("SELECT FROM known_devices") == []


async def test_only_so_many_devices_are_remembered(desk: Desk, ann: UUID) -> None:
    await sign_in(desk)
    await desk.rows(
        "INSERT INTO known_devices SELECT $1, sha256(n::text::bytea), tenant_id, now() - n * interval '1 hour',"
        " now() - n * interval '1 hour' FROM users, generate_series(1, $2::int) AS n",
        *(ann, MOST_KNOWN + 10),
    )
    await sign_in(desk, CHROME)
    assert len(await desk.rows("SELECT FROM known_devices")) == MOST_KNOWN
    await sign_in(desk)
    assert len(await desk.mails()) == 1


async def test_whoever_had_the_former_password_is_news_again(desk: Desk, ann: UUID) -> None:
    """Where a thief had signed in before, they would come and go unnoticed.

    The owner's own device is that of the reset, so that no flood of guesses keeps them out.
    """
    await sign_in(desk)
    await sign_in(desk, CHROME)
    await desk.post("/api/auth/password/forgot", {"email": "ann@company.com"})
    reset = {"token": link_token((await desk.mails())[-1]), "password": ANEW}
    headers = desk.headers() | {"User-Agent": FIREFOX, "X-Client-Address": "192.0.2.7"}
    assert (await desk.http.post("/api/auth/password/reset", json=reset, headers=headers)).status_code == 204
    told = len(await desk.mails())
    await sign_in(desk, password=ANEW)
    assert len(await desk.mails()) == told
    await sign_in(desk, CHROME, password=ANEW)
    assert [mail["kind"] for mail in (await desk.mails())[told:]] == ["new_device"]


async def test_who_changes_the_password_is_known_on_this_device_and_on_no_other(desk: Desk, ann: UUID) -> None:
    bob = await desk.person("bob@company.com", (await desk.rows("SELECT tenant_id FROM users"))[0]["tenant_id"])
    await desk.session("bob@company.com")
    await sign_in(desk, CHROME)
    session = await sign_in(desk)
    headers = desk.headers(caller_of(session)) | {"User-Agent": FIREFOX, "X-Client-Address": "192.0.2.7"}
    body = {"current_password": PASSWORD, "password": ANEW}
    assert (await desk.http.post("/api/auth/password", json=body, headers=headers)).status_code == 204
    known = await desk.rows("SELECT user_id, fingerprint FROM known_devices WHERE user_id <> $1", bob)
    assert [tuple(row) for row in known] == [(ann, fingerprint(ann, FIREFOX, "192.0.2.7"))]
    assert len(await desk.rows("SELECT FROM known_devices")) == 2
