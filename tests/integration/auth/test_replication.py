"""Keeping up with the tenants service."""

import pytest

from shared.contracts.tenancy import EnrolmentMode, Role, TenantStatus
from shared.contracts.tenants import (
    DomainEvent,
    DomainLapsed,
    DomainRemoved,
    DomainStateEvent,
    DomainUpdated,
    DomainVerified,
    TenantResumed,
    TenantSuspended,
)
from shared.messaging.reconciling import Difference, Drift
from tests.integration.auth.desk import Company, Desk, Json, problem

SUBJECTS: dict[type[DomainStateEvent], str] = {
    DomainLapsed: "new.com lets nobody into Company any more",
    DomainVerified: "Who gets into Company by new.com",
}


async def test_what_comes_late_changes_nothing(desk: Desk, company: Company) -> None:
    suspended = TenantSuspended(tenant_id=company.id, name="New", slug="new", status=TenantStatus.SUSPENDED)
    resumed = TenantResumed(tenant_id=company.id, name="Old", slug="old", status=TenantStatus.ACTIVE)
    await desk.hear(suspended, company.id, sequence=50)

    await desk.hear(resumed, company.id, sequence=49)

    (row,) = await desk.rows("SELECT name, slug, status, sequence FROM tenants WHERE id = $1", company.id)
    assert tuple(row) == ("New", "new", "suspended", 50)


async def test_a_domain_keeps_its_newest_mode(desk: Desk, company: Company) -> None:
    def verified(mode: EnrolmentMode) -> DomainVerified:
        return DomainVerified(tenant_id=company.id, domain="company.com", mode=mode, include_subdomains=False)

    await desk.hear(verified(EnrolmentMode.APPROVAL), company.id, sequence=50)
    await desk.hear(verified(EnrolmentMode.AUTOMATIC), company.id, sequence=49)

    (row,) = await desk.rows("SELECT mode, sequence FROM domains")
    assert tuple(row) == ("approval", 50)


async def test_a_changed_domain_does_the_other_thing_from_then_on(desk: Desk, company: Company) -> None:
    await desk.claim(company, "company.com", "automatic")
    updated = DomainUpdated(
        tenant_id=company.id, domain="company.com", mode=EnrolmentMode.APPROVAL, include_subdomains=True
    )
    await desk.hear(updated, company.id)
    for address in ("ann@company.com", "ann@eu.company.com"):
        assert (await desk.get("/api/enrolment", email=address)).json()["mode"] == "approval"


@pytest.mark.parametrize("ending", ["lapsed", "removed"])
async def test_a_domain_that_counts_no_more_lets_nobody_in(desk: Desk, company: Company, ending: str) -> None:
    """Truffle 2025: whoever buys a company's former domain gets nothing with it."""
    await desk.claim(company, "company.com", "automatic")
    ended = (
        DomainRemoved(tenant_id=company.id, domain="company.com")
        if ending == "removed"
        else DomainLapsed(
            tenant_id=company.id, domain="company.com", mode=EnrolmentMode.AUTOMATIC, include_subdomains=False
        )
    )
    await desk.hear(ended, company.id)
    assert (await desk.get("/api/enrolment", email="ann@company.com")).json() == {"mode": "none", "tenant": None}
    assert problem(await desk.sign_up("ann@company.com")) == (422, "tenant_undetermined")

    late = DomainVerified(
        tenant_id=company.id, domain="company.com", mode=EnrolmentMode.AUTOMATIC, include_subdomains=False
    )
    await desk.hear(late, company.id, sequence=1)
    assert problem(await desk.sign_up("ann@company.com")) == (422, "tenant_undetermined")

    await desk.hear(late, company.id)
    assert (await desk.sign_up("ann@company.com")).status_code == 202


async def test_a_domain_that_was_given_up_does_not_count_because_its_proof_is_heard_of_only_then(
    desk: Desk, company: Company
) -> None:
    """The proof was put aside as a dead letter, say, and is replayed after the domain has gone."""
    await desk.hear(DomainRemoved(tenant_id=company.id, domain="given-up.com"), company.id, sequence=50)
    late = DomainVerified(
        tenant_id=company.id, domain="given-up.com", mode=EnrolmentMode.AUTOMATIC, include_subdomains=False
    )
    await desk.hear(late, company.id, sequence=49)

    assert problem(await desk.sign_up("ann@given-up.com")) == (422, "tenant_undetermined")


@pytest.mark.parametrize(
    ("kind", "mode", "says"),
    [
        (DomainLapsed, "automatic", "publish the record again"),
        (DomainVerified, "automatic", "gets into Company from now on"),
        (DomainVerified, "approval", "waits for you"),
        (DomainVerified, "manual", "lets nobody in"),
    ],
)
async def test_those_who_run_the_tenant_are_told_once_of_what_becomes_of_a_domain(
    desk: Desk, company: Company, kind: type[DomainStateEvent], mode: str, says: str
) -> None:
    other = await desk.found("Other", "other.com")
    await desk.join(company, "owner@company.com", Role.OWNER)
    await desk.join(company, "admin@company.com", Role.ADMIN)
    await desk.join(company, "hr@company.com", Role.HR)
    await desk.join(company, "suspended@company.com", Role.ADMIN)
    await desk.rows("UPDATE memberships SET status = 'suspended' WHERE email = 'suspended@company.com'")
    await desk.join(other, "owner@other.com", Role.OWNER)
    event = kind(tenant_id=company.id, domain="new.com", mode=EnrolmentMode(mode), include_subdomains=False)

    await desk.hear(event, company.id, sequence=50)
    await desk.hear(event, company.id, sequence=50)

    told = [row["recipient"] for row in await desk.rows("SELECT recipient FROM mails ORDER BY recipient")]
    assert told == ["admin@company.com", "owner@company.com"]
    (mail,) = await desk.mails("owner@company.com")
    assert mail.subject == SUBJECTS[kind]
    assert says in mail.text
    assert "https://id.example.com/domains" in mail.text


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        (("manual", False), ("automatic", False), True),
        (("approval", False), ("automatic", False), True),
        (("manual", False), ("approval", False), True),
        (("automatic", False), ("automatic", True), True),
        (("automatic", True), ("approval", False), False),
        (("automatic", True), ("automatic", True), False),
    ],
)
async def test_they_are_told_of_what_lets_more_people_in(
    desk: Desk, company: Company, before: tuple[str, bool], now: tuple[str, bool], told: bool
) -> None:
    """A proven domain that does nothing yet may be made to do something when nobody looks any more."""
    about = {"tenant_id": company.id, "domain": "evil.org"}
    await desk.hear(_state(DomainVerified, about, before), company.id)
    await desk.join(company, "owner@company.com", Role.OWNER)
    await desk.hear(_state(DomainUpdated, about, now), company.id)

    mails = await desk.mails("owner@company.com")
    assert [mail.kind for mail in mails] == ["domain_counts"] * told
    assert [("an address there or at a subdomain" in mail.text) for mail in mails] == [now[1]] * told


async def test_they_are_not_told_that_people_get_in_where_nobody_does(desk: Desk, company: Company) -> None:
    await desk.join(company, "owner@company.com", Role.OWNER)
    await desk.rows("""UPDATE tenants SET settings = '{"self_sign_up": false}' WHERE id = $1""", company.id)
    about = {"tenant_id": company.id, "domain": "evil.org"}
    await desk.hear(_state(DomainVerified, about, ("automatic", False)), company.id)
    (mail,) = await desk.mails("owner@company.com")
    assert "So far it lets nobody in" in mail.text


def _state(kind: type[DomainStateEvent], about: Json, state: tuple[str, bool]) -> DomainStateEvent:
    return kind.model_validate(about | {"mode": state[0], "include_subdomains": state[1]})


@pytest.mark.parametrize(
    ("late", "newer", "mode"),
    [(DomainVerified, DomainRemoved, "none"), (DomainLapsed, DomainVerified, "automatic")],
)
async def test_nobody_is_told_of_what_is_over(
    desk: Desk, company: Company, late: type[DomainEvent], newer: type[DomainEvent], mode: str
) -> None:
    """Of a proof that is gone again, or of a lapse that was mended since."""
    await desk.join(company, "owner@company.com", Role.OWNER)
    about = {"tenant_id": company.id, "domain": "company.com", "mode": "automatic", "include_subdomains": False}

    await desk.hear(newer.model_validate(about), company.id, sequence=51)
    await desk.hear(late.model_validate(about), company.id, sequence=50)

    assert await desk.mails("owner@company.com") == []
    assert (await desk.get("/api/enrolment", email="ann@company.com")).json()["mode"] == mode


async def test_a_domain_that_was_heard_of_while_its_owner_was_asked_goes_on_counting(
    desk: Desk, company: Company
) -> None:
    """The tenants service was asked before that domain was proven, and is believed of what was there then."""
    told = {"name": "Company", "slug": "company", "status": "active", "settings": {}, "domains": {}}
    proven = DomainVerified(
        tenant_id=company.id, domain="new.com", mode=EnrolmentMode.AUTOMATIC, include_subdomains=False
    )
    await desk.hear(proven, company.id, sequence=50)

    (replica,) = desk.service.replicas
    assert await replica.repair(Difference(Drift.DIFFERS, (company.id,), told, None), 49)

    counting = await desk.rows("SELECT domain FROM domains WHERE counts")
    assert [row["domain"] for row in counting] == ["new.com"]


async def test_of_two_who_seem_to_have_proven_a_domain_the_later_counts(desk: Desk, company: Company) -> None:
    """The news that the former owner's claim is over is late."""
    other = await desk.found("Other")
    await desk.claim(other, "company.com", "automatic")
    assert (await desk.get("/api/enrolment", email="ann@company.com")).json()["tenant"]["name"] == "Other"
