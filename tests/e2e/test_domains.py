"""A tenant's admin claims a domain through the gateway; until it is proven, it does nothing for anybody."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from services.tenants.use_cases.check_domains import CheckDomains
from shared.clock import utc_now
from tests.e2e.support import World, body_of, eventually

DAY = timedelta(days=1)
DOMAINS = "/api/tenants/current/domains"


def test_an_unproven_claim_opens_no_way_in(product: World) -> None:
    customer = product.new_customer()
    admin, domain = customer.owner.http, f"second-{customer.slug}.com"
    made = admin.post(DOMAINS, json={"domain": domain, "mode": "automatic"})
    assert (made.status_code, made.json()["status"]) == (201, "unverified")
    assert made.json()["txt_record"]["value"] == f"sparknode-tenant={customer.id}"
    listed = {claim["domain"]: claim["status"] for claim in body_of(admin.get(DOMAINS))["items"]}
    assert listed == {customer.domain: "verified", domain: "unverified"}
    enrolment = product.anonymous.get("/api/enrolment", params={"email": f"ann@{domain}"})
    assert body_of(enrolment) == {"mode": "none", "tenant": None}


def test_a_domain_that_is_given_up_lets_nobody_in_any_more(product: World) -> None:
    customer = product.new_customer()
    customer.owner.http.delete(f"{DOMAINS}/{customer.domain}").raise_for_status()

    def counts_no_more() -> bool:
        answer = product.anonymous.get("/api/enrolment", params={"email": f"ann@{customer.domain}"})
        return bool(body_of(answer)["mode"] == "none")

    eventually(counts_no_more, "the end of the domain")
    refused = product.anonymous.post(
        "/api/auth/signup",
        json={"email": f"ann@{customer.domain}", "password": "TestPass123!", "name": "Ann"},
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "tenant_undetermined")


def test_those_who_run_a_tenant_hear_that_its_domain_has_lapsed(product: World) -> None:
    """Truffle 2025: from the look into the DNS, over the event, to the mail."""
    customer = product.new_customer()
    admin, member = product.member(customer, "admin"), product.member(customer)
    database = product.live.product.services["tenants"].database

    async def nothing_there(_: str) -> Sequence[str]:
        return ()

    async def look_for_the_proof() -> None:
        async with database.transaction(UUID(customer.id)) as tx:
            sql = """
                UPDATE domain_claims SET verified_by = 'dns', verified_at = $2, missing_since = $2 WHERE tenant_id = $1
            """
            await tx.execute(sql, UUID(customer.id), utc_now() - 9 * DAY)
        await CheckDomains(database, nothing_there, utc_now, DAY, DAY)()

    product.live.portal.call(look_for_the_proof)

    for each in (customer.owner, admin):
        assert product.link_for(each.email, "/domains")
    assert customer.domain in product.mails(admin.email)[0]["subject"]
    assert not any(customer.domain in mail["subject"] for mail in product.mails(member.email))
