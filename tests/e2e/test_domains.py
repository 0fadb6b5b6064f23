"""A tenant's admin claims a domain through the gateway; until it is proven, it does nothing for anybody."""

from tests.e2e.support import World, body_of, eventually

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
