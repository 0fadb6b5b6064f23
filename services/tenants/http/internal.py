"""Routes for the services that keep a replica of the tenants; the gateway knows none of them."""

from dataclasses import asdict
from uuid import UUID

from pydantic import Field
from starlette.responses import Response

from services.tenants.use_cases import UseCases
from shared.contracts.caller import Peer
from shared.contracts.tenancy import EnrolmentMode, TenantStatus
from shared.contracts.tenant_settings import TenantSettings
from shared.http.body import InvalidRequest
from shared.http.endpoint import Endpoint
from shared.http.models import Answer, Query
from shared.http.replies import reply
from shared.messaging.watermark import StillWriting


class WatermarkAnswer(Answer):
    """What is read from now on knows of all events with smaller sequences."""

    sequence: int


class SnapshotQuery(Query):
    """Which part of it is wanted."""

    after: UUID | None = None
    limit: int = Field(500, ge=1, le=1000)


class DomainBody(Answer):
    """A verified domain."""

    domain: str
    mode: EnrolmentMode
    include_subdomains: bool


class TenantBody(Answer):
    """A tenant, as others keep it."""

    tenant_id: UUID
    name: str
    slug: str
    status: TenantStatus
    settings: TenantSettings
    domains: list[DomainBody]


class SnapshotAnswer(Answer):
    """Tenants by id."""

    items: list[TenantBody]


async def take_watermark(use_cases: UseCases, peer: Peer) -> Response:
    """The number to compare with: taken before the first page."""
    return reply(WatermarkAnswer(sequence=await use_cases.take_snapshot.watermark()))


async def read_snapshot(use_cases: UseCases, peer: Peer, query: SnapshotQuery) -> Response:
    """A page of all tenants with their verified domains."""
    found = await use_cases.take_snapshot(after=query.after, limit=query.limit)
    return reply(SnapshotAnswer(items=[TenantBody.model_validate(asdict(copy)) for copy in found]))


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("POST", "/internal/watermark", take_watermark, {200: WatermarkAnswer}, (StillWriting,)),
    Endpoint("GET", "/internal/tenants", read_snapshot, {200: SnapshotAnswer}, (InvalidRequest,)),
)
