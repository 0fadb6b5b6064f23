"""A tenant's domains: claimed, proven by DNS, changed, given up."""

import asyncio
from uuid import UUID

import pytest

from services.tenants.dns import LONGEST_ANSWER
from shared.contracts.tenancy import Role
from tests.integration.tenants.desk import Desk, Json, an_admin_of, fields, problem
from tests.support.callers import a_caller
from tests.support.name_server import NameServer

DOMAINS = "/api/tenants/current/domains"
MAILBOXES = {"domain": "Company.com", "mode": "automatic"}


async def claimed(desk: Desk, tenant: Json, domain: str = "company.com", **more: object) -> Json:
    answer = await desk.post(DOMAINS, {"domain": domain, "mode": "automatic"} | more, an_admin_of(tenant))
    assert answer.status_code == 201, answer.text
    claim: Json = answer.json()
    return claim


def publish(dns: NameServer, claim: Json, *besides: str) -> None:
    dns.texts[claim["txt_record"]["name"]] = [*besides, claim["txt_record"]["value"]]


async def types_told(desk: Desk) -> list[str]:
    return [kind for kind, *_ in await desk.told() if kind.startswith("tenants.domain.")]


async def test_a_claim_says_what_to_publish(desk: Desk) -> None:
    tenant = await desk.create("company")
    claim = await claimed(desk, tenant, "Bücher.de", include_subdomains=True)
    assert claim["txt_record"] == {
        "name": "_sparknode.xn--bcher-kva.de",
        "value": f"sparknode-tenant={tenant['id']}",
    }
    assert (claim["status"], claim["include_subdomains"], claim["verified_at"]) == ("unverified", True, None)
    listed = await desk.get(DOMAINS, an_admin_of(tenant))
    assert listed.json() == {"items": [claim], "next_cursor": None}


async def test_it_counts_once_the_record_is_found(desk: Desk, dns: NameServer) -> None:
    tenant = await desk.create("company")
    claim = await claimed(desk, tenant)
    publish(dns, claim, "v=spf1 -all", "x" * 400)
    verified = await desk.post(f"{DOMAINS}/company.com/verify", by=an_admin_of(tenant))
    assert (verified.status_code, verified.json()["status"]) == (200, "verified")
    again = await desk.post(f"{DOMAINS}/company.com/verify", by=an_admin_of(tenant))
    assert again.json() == verified.json()
    assert await types_told(desk) == ["tenants.domain.claimed.v1", "tenants.domain.verified.v1"]


async def test_a_missing_record_is_named_with_what_is_there_instead(desk: Desk, dns: NameServer) -> None:
    tenant = await desk.create("company")
    claim = await claimed(desk, tenant)
    verify = f"{DOMAINS}/company.com/verify"
    nothing = await desk.post(verify, by=an_admin_of(tenant))
    assert problem(nothing) == (409, "txt_record_missing")
    assert claim["txt_record"]["value"] in nothing.json()["detail"]
    dns.texts["_sparknode.company.com"] = [f"sparknode-tenant={tenant['id'][:-1]}x", "\u202e\x07evil"]
    typed_wrong = await desk.post(verify, by=an_admin_of(tenant))
    assert dns.texts["_sparknode.company.com"][0] in typed_wrong.json()["detail"]
    assert typed_wrong.json()["detail"].isprintable()
    assert typed_wrong.json()["detail"].isascii()
    assert await types_told(desk) == ["tenants.domain.claimed.v1"]


async def test_the_record_of_another_tenant_proves_nothing(desk: Desk, dns: NameServer) -> None:
    """otari#915: proof wins, and it is a proof for one."""
    owner, thief = await desk.create("company"), await desk.create("thief")
    publish(dns, await claimed(desk, owner))
    await claimed(desk, thief)
    stolen = await desk.post(f"{DOMAINS}/company.com/verify", by=an_admin_of(thief))
    assert problem(stolen) == (409, "txt_record_missing")
    assert (await desk.post(f"{DOMAINS}/company.com/verify", by=an_admin_of(owner))).status_code == 200


async def test_a_dns_that_does_not_answer_says_nothing(desk: Desk, dns: NameServer) -> None:
    tenant = await desk.create("company")
    await claimed(desk, tenant)
    dns.failing = True
    answer = await desk.post(f"{DOMAINS}/company.com/verify", by=an_admin_of(tenant))
    assert problem(answer) == (503, "dns_unavailable")
    assert "Retry-After" in answer.headers


async def test_a_dns_that_says_too_much_is_not_listened_to(desk: Desk, dns: NameServer) -> None:
    """Tenants choose who answers: reading thousands of records, we would do nothing else for anybody."""
    tenant, besides = await desk.create("company"), [str(number) for number in range(LONGEST_ANSWER // 13)]
    publish(dns, await claimed(desk, tenant), *besides)
    refused = await desk.post(f"{DOMAINS}/company.com/verify", by=an_admin_of(tenant))
    assert problem(refused) == (503, "dns_unavailable")

    del dns.texts["_sparknode.company.com"][: len(besides) // 2]
    assert (await desk.post(f"{DOMAINS}/company.com/verify", by=an_admin_of(tenant))).status_code == 200


async def test_an_unproven_claim_blocks_nobody_and_a_proven_one_everybody(desk: Desk, dns: NameServer) -> None:
    """otari#915, Node#3232."""
    squatter, owner = await desk.create("squatter"), await desk.create("company")
    await claimed(desk, squatter)
    publish(dns, await claimed(desk, owner))
    assert (await desk.post(f"{DOMAINS}/company.com/verify", by=an_admin_of(owner))).status_code == 200

    late = await desk.post(DOMAINS, MAILBOXES, an_admin_of(await desk.create("latecomer")))
    assert problem(late) == (409, "domain_taken")
    dns.texts["_sparknode.company.com"].append(f"sparknode-tenant={squatter['id']}")
    assert problem(await desk.post(f"{DOMAINS}/company.com/verify", by=an_admin_of(squatter))) == (409, "domain_taken")


async def test_of_many_who_prove_it_at_once_one_gets_it(desk: Desk, dns: NameServer) -> None:
    tenants = [await desk.create(f"company-{n}") for n in range(10)]
    for tenant in tenants:
        claim = await claimed(desk, tenant)
        publish(dns, claim, *dns.texts.get("_sparknode.company.com", []))
    answers = await asyncio.gather(
        *(desk.post(f"{DOMAINS}/company.com/verify", by=an_admin_of(tenant)) for tenant in tenants)
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 9
    assert (await types_told(desk)).count("tenants.domain.verified.v1") == 1


async def test_a_domain_moves_to_whoever_proves_it_after_it_was_given_up(desk: Desk, dns: NameServer) -> None:
    first, second = await desk.create("first"), await desk.create("second")
    publish(dns, await claimed(desk, first))
    await desk.post(f"{DOMAINS}/company.com/verify", by=an_admin_of(first))
    assert (await desk.delete(f"{DOMAINS}/company.com", an_admin_of(first))).status_code == 204

    publish(dns, await claimed(desk, second))
    moved = await desk.post(f"{DOMAINS}/company.com/verify", by=an_admin_of(second))
    assert moved.json()["status"] == "verified"
    assert (await types_told(desk))[-3:] == [
        "tenants.domain.removed.v1",
        "tenants.domain.claimed.v1",
        "tenants.domain.verified.v1",
    ]


async def test_what_is_changed_is_told_where_it_counts(desk: Desk, dns: NameServer) -> None:
    tenant = await desk.create("company")
    admin = an_admin_of(tenant)
    publish(dns, await claimed(desk, tenant))
    await desk.patch(f"{DOMAINS}/company.com", {"mode": "manual"}, admin)
    await desk.post(f"{DOMAINS}/company.com/verify", by=admin)
    changed = await desk.patch(f"{DOMAINS}/COMPANY.com", {"mode": "approval", "include_subdomains": True}, admin)
    assert (changed.json()["mode"], changed.json()["include_subdomains"]) == ("approval", True)
    assert (await desk.patch(f"{DOMAINS}/company.com", {"mode": "approval"}, admin)).json() == changed.json()
    updated = [data for kind, _, _, data in await desk.told() if kind == "tenants.domain.updated.v1"]
    assert updated == [
        {"tenant_id": tenant["id"], "domain": "company.com", "mode": "approval", "include_subdomains": True}
    ]


async def test_to_claim_again_begins_anew_until_it_is_proven(desk: Desk, dns: NameServer) -> None:
    tenant = await desk.create("company")
    admin = an_admin_of(tenant)
    await claimed(desk, tenant)
    again = await claimed(desk, tenant, mode="manual")
    assert again["mode"] == "manual"
    publish(dns, again)
    await desk.post(f"{DOMAINS}/company.com/verify", by=admin)
    assert problem(await desk.post(DOMAINS, MAILBOXES, admin)) == (409, "domain_already_verified")


@pytest.mark.parametrize("domain", ["gmail.com", "eu.outlook.com", "mailinator.com", "co.uk", "github.io"])
async def test_what_strangers_share_cannot_be_claimed(desk: Desk, domain: str) -> None:
    tenant = await desk.create("company")
    answer = await desk.post(DOMAINS, {"domain": domain, "mode": "manual"}, an_admin_of(tenant))
    assert (problem(answer), fields(answer)) == ((422, "public_domain"), ["domain"])


async def test_bad_bodies_are_explained(desk: Desk) -> None:
    admin = an_admin_of(await desk.create("company"))
    assert fields(await desk.post(DOMAINS, {"domain": "company.com"}, admin)) == ["mode"]
    assert fields(await desk.post(DOMAINS, MAILBOXES | {"status": "verified"}, admin)) == ["status"]
    assert fields(await desk.patch(f"{DOMAINS}/company.com", {"mode": "open"}, admin)) == ["mode"]
    assert problem(await desk.post(DOMAINS, MAILBOXES | {"domain": "a@company.com"}, admin)) == (
        422,
        "invalid_domain",
    )


async def test_another_tenants_domain_is_not_there(desk: Desk, dns: NameServer) -> None:
    owner, other = await desk.create("company"), await desk.create("other")
    publish(dns, await claimed(desk, owner))
    stranger = an_admin_of(other)
    for domain in ("company.com", "unheard-of.com", "not a domain", "gmail.com"):
        assert problem(await desk.patch(f"{DOMAINS}/{domain}", {"mode": "manual"}, stranger))[0] == 404
        assert problem(await desk.delete(f"{DOMAINS}/{domain}", stranger))[0] == 404
        assert problem(await desk.post(f"{DOMAINS}/{domain}/verify", by=stranger))[0] == 404
    assert dns.asked == []
    assert (await desk.get(DOMAINS, stranger)).json()["items"] == []


@pytest.mark.parametrize("role", [Role.MEMBER, Role.HR])
async def test_it_takes_an_admin(desk: Desk, role: Role) -> None:
    tenant = await desk.create("company")
    caller = a_caller(UUID(tenant["id"]), role)
    assert problem(await desk.get(DOMAINS, caller)) == (403, "forbidden")
    assert problem(await desk.post(DOMAINS, MAILBOXES, caller)) == (403, "forbidden")


async def test_a_tenant_has_so_many_domains_and_no_more(desk: Desk) -> None:
    tenant = await desk.create("company")
    await desk.rows(
        "INSERT INTO domain_claims (tenant_id, domain, mode, include_subdomains, status, created_at) "
        "SELECT $1, 'company-' || n || '.com', 'manual', false, 'unverified', now() FROM generate_series(1, 200) AS n",
        UUID(tenant["id"]),
    )
    assert problem(await desk.post(DOMAINS, MAILBOXES, an_admin_of(tenant))) == (409, "too_many_domains")

    # One that nobody proved in time is none, tidied up or not.
    await desk.rows("UPDATE domain_claims SET created_at = now() - interval '31 days' WHERE domain = 'company-7.com'")
    assert (await desk.post(DOMAINS, MAILBOXES, an_admin_of(tenant))).status_code == 201
    pages = [await desk.get(DOMAINS, an_admin_of(tenant), limit=150)]
    pages.append(await desk.get(DOMAINS, an_admin_of(tenant), limit=150, cursor=pages[0].json()["next_cursor"]))
    assert [len(page.json()["items"]) for page in pages] == [150, 50]
