"""Finding invitations again."""

from datetime import timedelta
from typing import Any

import pytest

from shared.contracts.caller import Caller
from tests.integration.invitations.company import Company
from tests.integration.invitations.desk import Desk, Json


async def emails(desk: Desk, by: Caller, **query: Any) -> list[str]:
    answer = await desk.get("/api/invitations", by, **query)
    assert answer.status_code == 200, answer.text
    return [item["email"].partition("@")[0] for item in answer.json()["items"]]


async def one_of_each(desk: Desk, company: Company) -> None:
    """Invitations named after what became of them."""
    made = {}
    for name in ("accepted", "revoked", "expired", "pending"):
        days = 1 if name == "expired" else 7
        made[name] = await desk.invite(company.admin, f"{name}@example.com", expires_in_days=days)
    await desk.post(f"/api/invitations/{made['revoked']['id']}/revoke", company.admin)
    await desk.join(company, "accepted@example.com", invitation_id=made["accepted"]["id"])
    desk.clock.advance(timedelta(days=1))


async def test_the_newest_comes_first(desk: Desk, company: Company) -> None:
    for name in ("ann", "bob", "cid"):
        await desk.invite(company.admin, f"{name}@example.com")
        desk.clock.advance(timedelta(seconds=1))

    assert await emails(desk, company.hr) == ["cid", "bob", "ann"]


@pytest.mark.parametrize("swept", [False, True])
async def test_by_status_as_it_is_now_swept_or_not(desk: Desk, company: Company, swept: bool) -> None:
    """CVE-2025-64708: the same whether or not the sweeper runs."""
    await one_of_each(desk, company)
    if swept:
        assert await desk.sweep() == 1

    for status in ("pending", "accepted", "revoked", "expired"):
        [item] = (await desk.get("/api/invitations", company.admin, status=status)).json()["items"]
        assert (item["email"], item["status"]) == (f"{status}@example.com", status)


async def test_by_how_the_mail_fared(desk: Desk, company: Company) -> None:
    await desk.invite(company.admin, "sent@example.com")
    await desk.post_mails()
    await desk.invite(company.admin, "queued@example.com")

    assert await emails(desk, company.admin, delivery="sent") == ["sent"]
    assert await emails(desk, company.admin, delivery="queued") == ["queued"]
    assert await emails(desk, company.admin, delivery="bounced") == []


async def test_by_a_part_of_the_address_taken_literally(desk: Desk, company: Company) -> None:
    for name in ("ann.lee", "bob_lee", "cid"):
        await desk.invite(company.admin, f"{name}@example.com")

    assert await emails(desk, company.admin, q="LEE") == ["bob_lee", "ann.lee"]
    assert await emails(desk, company.admin, q="_") == ["bob_lee"]
    assert await emails(desk, company.admin, q="%") == []
    assert len(await emails(desk, company.admin, q="")) == 3


async def test_by_a_domain_as_people_write_it(desk: Desk, company: Company) -> None:
    for email in ("ann@bücher.example", "bob@example.com"):
        await desk.invite(company.admin, email)

    assert await emails(desk, company.admin, q="Bücher") == ["ann"]
    assert await emails(desk, company.admin, q="ann@bücher.ex") == ["ann"]
    assert await emails(desk, company.admin, q="xn--bcher") == ["ann"]


async def test_page_by_page_each_comes_once_even_when_made_at_the_same_instant(desk: Desk, company: Company) -> None:
    for number in range(7):
        await desk.invite(company.admin, f"n{number}@example.com")
    seen: list[str] = []
    cursor: str | None = None
    while True:
        more = {"cursor": cursor} if cursor else {}
        page = (await desk.get("/api/invitations", company.admin, limit=3, **more)).json()
        seen += [item["email"] for item in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break

    assert len(seen) == len(set(seen)) == 7


async def test_a_cursor_is_good_for_its_tenant_and_query_only(desk: Desk, company: Company, rival: Company) -> None:
    """CVE-2026-33503, CVE-2025-67717"""
    for name in ("ann", "bob"):
        await desk.invite(company.admin, f"{name}@example.com")
        await desk.invite(rival.admin, f"{name}@example.com")
    cursor = (await desk.get("/api/invitations", company.admin, limit=1)).json()["next_cursor"]
    changed = cursor[:-2] + ("AA" if cursor[-2:] != "AA" else "BB")

    attempts = [
        await desk.get("/api/invitations", rival.admin, limit=1, cursor=cursor),
        await desk.get("/api/invitations", company.admin, limit=1, cursor=cursor, status="pending"),
        await desk.get("/api/invitations", company.admin, limit=1, cursor=changed),
        await desk.get("/api/invitations", company.admin, limit=1, cursor="x"),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in attempts] == [(400, "invalid_cursor")] * 4


async def test_nothing_but_the_first_answer_shows_the_link(desk: Desk, company: Company) -> None:
    """CVE-2026-16072"""
    made = await desk.invite(company.admin)
    path = f"/api/invitations/{made['id']}"
    answers = [
        await desk.get("/api/invitations", company.owner),
        await desk.get(path, company.owner),
        await desk.post(f"{path}/resend", company.owner),
        await desk.post(f"{path}/revoke", company.owner),
        await desk.get(path, company.owner),
    ]
    shown = set(made) - {"invite_url"}

    assert [answer.status_code for answer in answers] == [200] * 5
    assert set(answers[0].json()["items"][0]) == shown
    assert all(set(answer.json()) == shown for answer in answers[1:])
    assert not any("token" in answer.text for answer in answers)


async def test_a_query_that_does_not_fit_is_told_so(desk: Desk, company: Company) -> None:
    odd: list[Json] = [{"status": "done"}, {"delivery": "lost"}, {"limit": 0}, {"limit": 201}, {"q": "x" * 255}]
    for query in [*odd, {"q": "\0"}]:
        answer = await desk.get("/api/invitations", company.admin, **query)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), query
