"""Puts the service together: settings in, a service that is ready to run out."""

from services.tenants.http import ENDPOINTS
from services.tenants.schema import SCHEMA
from services.tenants.settings import TenantsSettings
from services.tenants.use_cases import UseCases
from services.tenants.use_cases.create_tenant import CreateTenant
from services.tenants.use_cases.list_tenants import ListTenants
from services.tenants.use_cases.read_tenant import ReadTenant
from services.tenants.use_cases.resume_tenant import ResumeTenant
from services.tenants.use_cases.suspend_tenant import SuspendTenant
from shared.clock import Clock, utc_now
from shared.contracts.caller import ContextVerifier
from shared.database import Database
from shared.http.app import build_app
from shared.http.cursor import CursorSealer
from shared.service import Service, open_database

NAME = "tenants"


async def build(settings: TenantsSettings, clock: Clock = utc_now) -> Service:
    """The service on its database; ``CannotStart`` says what is wrong with that."""
    database = await open_database(SCHEMA, settings)
    key = settings.caller_signing_key.get_secret_value()
    app = build_app(
        NAME,
        ENDPOINTS,
        _use_cases(database, CursorSealer(key), clock),
        verifier=ContextVerifier(key, NAME, clock),
        checks={"database": database.ping},
    )
    return Service(NAME, app, database, listener=None, workers=())


def _use_cases(database: Database, cursors: CursorSealer, clock: Clock) -> UseCases:
    return UseCases(
        create_tenant=CreateTenant(database, clock),
        list_tenants=ListTenants(database),
        read_tenant=ReadTenant(database),
        resume_tenant=ResumeTenant(database, clock),
        suspend_tenant=SuspendTenant(database, clock),
        cursors=cursors,
    )
