"""Everything that this service can do, one per file."""

from dataclasses import dataclass

from services.tenants.use_cases.change_domain import ChangeDomain
from services.tenants.use_cases.change_tenant import ChangeTenant
from services.tenants.use_cases.claim_domain import ClaimDomain
from services.tenants.use_cases.create_tenant import CreateTenant
from services.tenants.use_cases.list_audit import ListAudit
from services.tenants.use_cases.list_domains import ListDomains
from services.tenants.use_cases.list_tenants import ListTenants
from services.tenants.use_cases.read_tenant import ReadTenant
from services.tenants.use_cases.remove_domain import RemoveDomain
from services.tenants.use_cases.resume_tenant import ResumeTenant
from services.tenants.use_cases.suspend_tenant import SuspendTenant
from services.tenants.use_cases.take_snapshot import TakeSnapshot
from services.tenants.use_cases.verify_domain import VerifyDomain
from shared.http.cursor import CursorSealer


@dataclass(frozen=True, slots=True)
class UseCases:
    """The list of it, and what the handlers need to show lists page by page."""

    create_tenant: CreateTenant
    list_tenants: ListTenants
    read_tenant: ReadTenant
    change_tenant: ChangeTenant
    resume_tenant: ResumeTenant
    suspend_tenant: SuspendTenant
    list_domains: ListDomains
    claim_domain: ClaimDomain
    change_domain: ChangeDomain
    remove_domain: RemoveDomain
    verify_domain: VerifyDomain
    take_snapshot: TakeSnapshot
    list_audit: ListAudit
    cursors: CursorSealer
