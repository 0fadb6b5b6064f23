"""Puts the service together: settings in, a service that is ready to run out."""

from services.tenants.consumers import listener
from services.tenants.dns import TxtRecords
from services.tenants.http import ENDPOINTS
from services.tenants.schema import SCHEMA
from services.tenants.settings import TenantsSettings
from services.tenants.upkeep import Upkeep
from services.tenants.use_cases import UseCases
from services.tenants.use_cases.change_domain import ChangeDomain
from services.tenants.use_cases.change_tenant import ChangeTenant
from services.tenants.use_cases.check_domains import CheckDomains
from services.tenants.use_cases.claim_domain import ClaimDomain
from services.tenants.use_cases.create_tenant import CreateTenant
from services.tenants.use_cases.expire_claims import ExpireClaims
from services.tenants.use_cases.keep_audit_trail import KeepAuditTrail
from services.tenants.use_cases.list_audit import ListAudit
from services.tenants.use_cases.list_domains import ListDomains
from services.tenants.use_cases.list_tenants import ListTenants
from services.tenants.use_cases.read_tenant import ReadTenant
from services.tenants.use_cases.remove_domain import RemoveDomain
from services.tenants.use_cases.resume_tenant import ResumeTenant
from services.tenants.use_cases.suspend_tenant import SuspendTenant
from services.tenants.use_cases.take_snapshot import TakeSnapshot
from services.tenants.use_cases.verify_domain import VerifyDomain
from shared.clock import Clock, utc_now
from shared.contracts.caller import ContextVerifier
from shared.database import Database
from shared.database.opening import Connect, connected
from shared.http.access_log import AccessLog
from shared.http.app import build_app
from shared.http.cursor import CursorSealer
from shared.http.idempotency import Idempotency
from shared.service import Service, open_database

NAME = "tenants"


async def build(settings: TenantsSettings, clock: Clock = utc_now, connect: Connect = connected) -> Service:
    """The service on its database; ``CannotStart`` says what is wrong with that."""
    database = await open_database(SCHEMA, settings, connect)
    key = settings.caller_signing_key.get_secret_value()
    idempotency = Idempotency(database, key, clock)
    app = build_app(
        NAME,
        ENDPOINTS,
        _use_cases(database, TxtRecords.at(settings.name_servers), CursorSealer(key), clock),
        verifier=ContextVerifier(key, NAME, clock),
        checks={"database": database.ping},
        once=idempotency.once,
        lines=AccessLog(settings.access_log_per_second),
    )
    # Its own look-ups, so that nobody who asks keeps lapsed proofs from being noticed.
    look_again = TxtRecords.at(settings.name_servers)
    check_domains = CheckDomains(database, look_again, clock, settings.domain_period, settings.domain_grace)
    keep_audit_trail = KeepAuditTrail(database, clock, settings.audit_retention)
    upkeep = Upkeep(check_domains, ExpireClaims(database, clock), keep_audit_trail)
    return Service(NAME, app, database, listener(NAME, database), workers=(upkeep, idempotency))


def _use_cases(database: Database, txt_records: TxtRecords, cursors: CursorSealer, clock: Clock) -> UseCases:
    return UseCases(
        create_tenant=CreateTenant(database, clock),
        list_tenants=ListTenants(database),
        read_tenant=ReadTenant(database),
        change_tenant=ChangeTenant(database, clock),
        resume_tenant=ResumeTenant(database, clock),
        suspend_tenant=SuspendTenant(database, clock),
        list_domains=ListDomains(database, clock),
        claim_domain=ClaimDomain(database, clock),
        change_domain=ChangeDomain(database, clock),
        remove_domain=RemoveDomain(database, clock),
        verify_domain=VerifyDomain(database, txt_records, clock),
        take_snapshot=TakeSnapshot(database),
        list_audit=ListAudit(database),
        cursors=cursors,
    )
