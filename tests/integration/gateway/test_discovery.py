"""Health, metrics, the OpenAPI document and its page."""

import base64
import hashlib
import re
from pathlib import Path
from typing import Any

import httpx
from openapi_spec_validator import OpenAPIV31SpecValidator

from gateway.app import surface
from gateway.routes import GATEWAY
from shared.contracts.permissions import Permission
from shared.http.openapi import document
from shared.http.tls import usual_authorities
from tests.integration.gateway.backend import Backend
from tests.integration.gateway.front import Front, running, settings
from tests.integration.http.test_serving import ENDPOINTS
from tests.support.servers import serving


async def test_health_is_exactly_this(front: Front) -> None:
    reply = await front.get("/health")
    assert (reply.status, reply.body) == (200, b'{"status":"ok"}')
    assert (await front.http.get("/livez")).status_code == 200


async def test_all_databases_are_asked_through_their_services(front: Front) -> None:
    answer = await front.http.get("/api/health/db")
    assert answer.status_code == 200
    databases = {"auth": "ok", "tenants": "ok", "invitations": "ok"}
    assert answer.json() == {"status": "ok", "databases": databases}


async def test_a_database_that_is_down_is_named(backend: tuple[str, Backend]) -> None:
    sick = Backend(ready={"status": "unavailable", "checks": {"database": "database_unavailable"}})
    async with serving(sick) as sick_url, running(*backend, tenants_url=sick_url) as front:
        answer = await front.http.get("/api/health/db")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "2"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "database_unavailable"
    assert answer.json()["databases"] == {"auth": "ok", "tenants": "unavailable", "invitations": "ok"}
    assert "tenants" in answer.json()["detail"]


async def test_a_service_that_does_not_say_so_is_not_well(backend: tuple[str, Backend]) -> None:
    odd: list[tuple[Any, str]] = [
        ({}, "unavailable"),
        ({"checks": []}, "unavailable"),
        ({"checks": {"database": 1}}, "unavailable"),
        ([], "unreachable"),
    ]
    for ready, state in odd:
        async with serving(Backend(ready=ready)) as odd_url, running(*backend, auth_url=odd_url) as front:
            assert (await front.http.get("/api/health/db")).json()["databases"]["auth"] == state


async def test_a_service_that_is_not_there_is_unreachable(backend: tuple[str, Backend]) -> None:
    async with serving(Backend()) as gone_url:
        pass
    async with running(*backend, invitations_url=gone_url) as front:
        answer = await front.http.get("/api/health/db")
        assert answer.json()["databases"]["invitations"] == "unreachable"
        assert (await front.http.get("/openapi.json")).status_code == 503
        assert (await front.http.get("/docs")).status_code == 503


async def test_what_answers_in_place_of_a_service_is_no_document(front: Front) -> None:
    front.backend.document = {"status": 503, "title": "no healthy upstream"}
    answer = await front.http.get("/openapi.json")
    assert (answer.status_code, answer.json()["code"]) == (503, "service_unavailable")


async def test_the_document_is_valid_and_its_page_shows_all_of_it(front: Front) -> None:
    front.backend.document |= document("auth", ENDPOINTS) | {"paths": {"/api/users": {"get": _described()}}}
    described = (await front.http.get("/openapi.json")).json()
    OpenAPIV31SpecValidator(described).validate()
    page = await front.http.get("/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    for path in described["paths"]:
        assert f">{path}<" in page.text
    for words in ("hr · member", "list of string (uuid)", "integer or null", "The <code>list</code>."):
        assert words in page.text
    assert f"needs {Permission.USERS_READ}" in page.text


def _described() -> dict[str, object]:
    schemas: dict[str, dict[str, object]] = {
        "role": {"enum": ["hr", "member"]},
        "ids": {"type": "array", "items": {"type": "string", "format": "uuid"}},
        "either": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "both": {"type": ["integer", "null"]},
    }
    parameters = [{"name": name, "in": "query", "schema": schema} for name, schema in schemas.items()]
    answers = {"200": {"description": "The `list`."}}
    return {"operationId": "list", "summary": "A list", "parameters": parameters, "responses": answers}


async def test_pages_load_nothing_and_run_nothing(front: Front) -> None:
    """No external host, no script, and a policy that holds the page to it."""
    page = await front.http.get("/docs")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    (style,) = re.findall(r"<style>(.*?)</style>", page.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert not re.search(r"<(script|img|link|iframe)|@import|url\(", page.text)


async def test_metrics_are_there_in_development(front: Front) -> None:
    text = (await front.http.get("/metrics")).text
    for name in (
        "http_request_seconds",
        "token_validation_failures_total",
        "isolation_violations_total",
        "requests_limited_total",
        "requests_overloaded_total",
        "requests_in_hand",
        "upstream_seconds",
        "upstream_failures_total",
        "revoked_sessions",
    ):
        assert name in text


async def test_every_route_of_the_gateways_own_is_answered(backend: tuple[str, Backend], tmp_path: Path) -> None:
    async with running(*backend, mailbox_dir=tmp_path) as front:
        await front.until(front.is_ready)
        for rule in surface(settings(backend[0], mailbox_dir=tmp_path)):
            if rule.service == GATEWAY:
                assert (await front.http.get(rule.path)).status_code == 200, rule.path


async def test_metrics_have_a_port_of_their_own(front: Front) -> None:
    async with (
        serving(front.gateway.operations) as url,
        httpx.AsyncClient(base_url=url, verify=usual_authorities(), trust_env=False) as client,
    ):
        for path in ("/metrics", "/livez", "/readyz"):
            assert (await client.get(path)).status_code == 200
        assert (await client.get("/api/users")).status_code == 404
