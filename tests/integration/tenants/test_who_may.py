"""Nobody gets in but through the gateway, and nobody operates but operators."""

import dataclasses
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from services.tenants.app import NAME
from services.tenants.http import ENDPOINTS
from shared.clock import utc_now
from shared.contracts.caller import CONTEXT_HEADER, ContextSigner
from shared.contracts.permissions import Permission
from shared.contracts.tenancy import PLATFORM_TENANT_ID, Role
from shared.http.endpoint import Endpoint
from tests.integration.tenants.desk import Desk, an_admin_of, problem
from tests.support.callers import SIGNING_KEY, a_caller, an_operator, headers_of, peer_headers

PUBLIC = [endpoint for endpoint in ENDPOINTS if not endpoint.internal]
FOR_OPERATORS = [endpoint for endpoint in PUBLIC if endpoint.needs is Permission.PLATFORM_OPERATE]
PEER = peer_headers("auth", NAME)[CONTEXT_HEADER]

GOOD = headers_of(an_operator(), NAME)[CONTEXT_HEADER]


async def knock(desk: Desk, endpoint: Endpoint, tenant_id: str, headers: list[tuple[str, str]]) -> httpx.Response:
    """Ask for something that would work if the right person asked."""
    body = {"name": "New", "slug": "new-one"} if endpoint.method == "POST" else None
    path = endpoint.path.format(tenant_id=tenant_id, domain="company.com")
    return await desk.http.request(endpoint.method, path, json=body, headers=headers)


def signed(key: str = SIGNING_KEY, audience: str = NAME, late: timedelta = timedelta()) -> str:
    return ContextSigner(key, "gateway", lambda: utc_now() - late).for_caller(an_operator(), audience)


@pytest.mark.parametrize(
    "contexts",
    [
        pytest.param([], id="none"),
        pytest.param([""], id="empty"),
        pytest.param([GOOD, GOOD], id="two"),
        pytest.param(["garbage"], id="garbage"),
        pytest.param([GOOD[:-3] + "AAA"], id="changed"),
        pytest.param([signed(key="another-key-of-more-than-32-characters")], id="another key"),
        pytest.param([signed(audience="auth")], id="for another service"),
        pytest.param([signed(late=timedelta(minutes=1))], id="stale"),
        pytest.param([signed(late=timedelta(hours=-1))], id="from the future"),  # signed when tests are collected
        pytest.param([headers_of(None, NAME)[CONTEXT_HEADER]], id="of nobody"),
        pytest.param([PEER], id="of a fellow service"),
    ],
)
async def test_without_a_good_context_the_service_itself_says_401(desk: Desk, contexts: list[str]) -> None:
    tenant = await desk.create("company")
    claims = [("x-tenant-id", str(PLATFORM_TENANT_ID)), ("x-user-role", "owner")]
    headers = [(CONTEXT_HEADER, context) for context in contexts] + claims
    for endpoint in PUBLIC if contexts == [PEER] else ENDPOINTS:
        answer = await knock(desk, endpoint, tenant["id"], headers)
        assert answer.status_code == 401, endpoint.path
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json()["code"] in {"invalid_caller_context", "unauthenticated"}
    assert len(await desk.told()) == 1


@pytest.mark.parametrize("role", Role)
async def test_no_role_of_a_customer_operates(desk: Desk, role: Role) -> None:
    """Neither on other tenants nor on their own."""
    own, other = await desk.create("own"), await desk.create("other")
    headers = list(headers_of(a_caller(UUID(own["id"]), role), NAME).items())
    for endpoint in FOR_OPERATORS:
        for tenant in (own, other):
            answer = await knock(desk, endpoint, tenant["id"], headers)
            assert problem(answer) == (403, "forbidden"), endpoint.path
            assert tenant["id"] not in answer.text
    assert len(await desk.told()) == 2


async def test_the_permission_alone_decides(desk: Desk) -> None:
    """An owner of the platform whom the gateway did not grant it, an API key for instance, operates nothing."""
    everything_else = frozenset(Permission) - {Permission.PLATFORM_OPERATE}
    key = dataclasses.replace(an_operator(), permissions=everything_else)
    tenant = await desk.create("company")
    for endpoint in FOR_OPERATORS:
        answer = await knock(desk, endpoint, tenant["id"], list(headers_of(key, NAME).items()))
        assert problem(answer) == (403, "forbidden"), endpoint.path


async def test_a_customers_cursor_opens_no_list(desk: Desk) -> None:
    tenant = await desk.create("company")
    cursor = (await desk.get("/api/tenants", limit=1)).json()["next_cursor"]
    answer = await desk.get("/api/tenants", by=an_admin_of(tenant), cursor=cursor)
    assert problem(answer) == (403, "forbidden")
