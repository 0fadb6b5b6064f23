"""The routes of tenants themselves."""

from uuid import UUID

from starlette.responses import Response

from services.tenants.errors import (
    DomainTaken,
    PlatformIsPermanent,
    PlatformNeedsPasswords,
    PublicDomain,
    SlugReserved,
    SlugTaken,
    TenantNotFound,
)
from services.tenants.schemas import ChangeTenantBody, CreateTenantBody, TenantAnswer, TenantQuery
from services.tenants.use_cases import UseCases
from shared.contracts.caller import Caller
from shared.contracts.domains import InvalidDomain
from shared.contracts.permissions import Permission
from shared.http.body import InvalidRequest
from shared.http.endpoint import Endpoint
from shared.http.models import Page
from shared.http.problems import InvalidCursor
from shared.http.replies import reply


async def read_current_tenant(use_cases: UseCases, caller: Caller) -> Response:
    """The tenant that the token is for."""
    return reply(TenantAnswer.of(await use_cases.read_tenant(caller.tenant_id)))


async def change_current_tenant(use_cases: UseCases, caller: Caller, body: ChangeTenantBody) -> Response:
    """Call the tenant something else, or settle something else for it. What is left out stays as it is."""
    settings = body.settings.model_dump(exclude_unset=True)
    return reply(TenantAnswer.of(await use_cases.change_tenant(caller.tenant_id, body.name, settings)))


async def list_tenants(use_cases: UseCases, caller: Caller, query: TenantQuery) -> Response:
    """All tenants, by slug; for operators."""
    window = use_cases.cursors.window(caller.tenant_id, "tenants", query)
    after = window.after[0] if window.after else ""
    found = await use_cases.list_tenants(containing=query.q, after=after, limit=window.reach)
    return reply(window.page(Page[TenantAnswer], found, show=TenantAnswer.of, place=lambda tenant: [tenant.slug]))


async def create_tenant(use_cases: UseCases, caller: Caller, body: CreateTenantBody) -> Response:
    """Open the product to a new customer; for operators.

    The domains count as proven, by the operator's word. Whoever has the owner's address is invited to be the first
    owner.
    """
    return reply(TenantAnswer.of(await use_cases.create_tenant(body.read())), 201)


async def suspend_tenant(use_cases: UseCases, caller: Caller, tenant_id: UUID) -> Response:
    """Close a tenant to everybody in it; for operators. Again is a success."""
    return reply(TenantAnswer.of(await use_cases.suspend_tenant(tenant_id)))


async def resume_tenant(use_cases: UseCases, caller: Caller, tenant_id: UUID) -> Response:
    """Open a suspended tenant again; for operators. Again is a success."""
    return reply(TenantAnswer.of(await use_cases.resume_tenant(tenant_id)))


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("GET", "/api/tenants/current", read_current_tenant, {200: TenantAnswer}, (TenantNotFound,)),
    Endpoint(
        "PATCH",
        "/api/tenants/current",
        change_current_tenant,
        {200: TenantAnswer},
        (InvalidRequest, TenantNotFound, PlatformNeedsPasswords),
        needs=Permission.TENANT_MANAGE,
    ),
    Endpoint(
        "GET",
        "/api/tenants",
        list_tenants,
        {200: Page[TenantAnswer]},
        (InvalidRequest, InvalidCursor),
        needs=Permission.PLATFORM_OPERATE,
    ),
    Endpoint(
        "POST",
        "/api/tenants",
        create_tenant,
        {201: TenantAnswer},
        (InvalidRequest, SlugReserved, SlugTaken, InvalidDomain, PublicDomain, DomainTaken),
        needs=Permission.PLATFORM_OPERATE,
    ),
    Endpoint(
        "POST",
        "/api/tenants/{tenant_id}/suspend",
        suspend_tenant,
        {200: TenantAnswer},
        (TenantNotFound, PlatformIsPermanent),
        needs=Permission.PLATFORM_OPERATE,
    ),
    Endpoint(
        "POST",
        "/api/tenants/{tenant_id}/resume",
        resume_tenant,
        {200: TenantAnswer},
        (TenantNotFound,),
        needs=Permission.PLATFORM_OPERATE,
    ),
)
