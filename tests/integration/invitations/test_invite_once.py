"""Inviting under an `Idempotency-Key`: one invitation, one mail, one event, however often it is asked for."""

import asyncio
from datetime import timedelta

import httpx

from shared.contracts.caller import Caller
from tests.integration.invitations.company import Company
from tests.integration.invitations.desk import Desk, token_in

ANN = {"email": "ann@example.com", "role": "hr"}
CREATED = "invitation.created"


async def invite(desk: Desk, by: Caller, key: str = "k", path: str = "/api/invitations", **body: str) -> httpx.Response:
    headers = desk.headers(by) | {"Idempotency-Key": key}
    return await desk.http.post(path, json=body or ANN, headers=headers)


async def test_asked_again_there_is_one_invitation_one_mail_and_one_event(desk: Desk, company: Company) -> None:
    first = await invite(desk, company.admin)
    again = await invite(desk, company.admin)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["content-type"] == first.headers["content-type"]
    assert again.headers["cache-control"] == "no-store"

    assert len(await desk.rows("SELECT FROM invitations")) == 1
    assert len(await desk.told(CREATED)) == 1
    await desk.post_mails()
    [mail] = await desk.mails_to("ann@example.com")
    assert mail.links == [first.json()["invite_url"]]
    assert (await desk.reserve(token_in(again.json()))).status_code == 200


async def test_without_a_key_asking_again_makes_a_new_link(desk: Desk, company: Company) -> None:
    first, again = await desk.invite(company.admin, **ANN), await desk.invite(company.admin, **ANN)
    assert first["invite_url"] != again["invite_url"]
    assert await desk.rows("SELECT FROM idempotency_keys") == []


async def test_many_at_once_are_one(desk: Desk, company: Company) -> None:
    answers = await asyncio.gather(*(invite(desk, company.admin) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert len(await desk.told(CREATED)) == 1


async def test_another_body_is_refused_and_nobody_is_invited(desk: Desk, company: Company) -> None:
    await invite(desk, company.admin)
    before = await desk.everything()
    refused = await invite(desk, company.admin, email="bob@example.com")
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")
    assert await desk.everything() == before


async def test_a_refused_invitation_leaves_its_key_free(desk: Desk, company: Company) -> None:
    await desk.suspend(company)
    assert (await invite(desk, company.admin)).status_code == 403
    await desk.resume(company)
    assert (await invite(desk, company.admin)).status_code == 201


async def test_a_day_later_the_key_invites_again(desk: Desk, company: Company) -> None:
    first = await invite(desk, company.admin)
    desk.clock.advance(timedelta(hours=24))
    later = await invite(desk, company.admin)
    assert (later.status_code, later.json()["id"]) == (200, first.json()["id"])
    assert later.json()["invite_url"] != first.json()["invite_url"]


async def test_others_with_the_same_key_see_nothing_of_it(desk: Desk, company: Company, rival: Company) -> None:
    answers = [await invite(desk, by) for by in (company.admin, rival.admin, company.owner)]
    assert [answer.status_code for answer in answers] == [201, 201, 200]
    assert len({answer.json()["invite_url"] for answer in answers}) == 3


async def test_generate_takes_a_key_as_well(desk: Desk, company: Company) -> None:
    path = "/api/auth/invitations/generate"
    body = {"email": "ann@example.com", "tenant_id": str(company.id)}
    first = await invite(desk, company.admin, path=path, **body)
    assert (await invite(desk, company.admin, path=path, **body)).content == first.content
    assert len(await desk.told(CREATED)) == 1
