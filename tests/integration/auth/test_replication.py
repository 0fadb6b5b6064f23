"""Keeping up with the tenants service."""

from shared.contracts.tenancy import EnrolmentMode, TenantStatus
from shared.contracts.tenants import DomainVerified, TenantResumed, TenantSuspended
from tests.integration.auth.desk import Company, Desk


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
