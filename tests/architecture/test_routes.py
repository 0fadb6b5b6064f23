"""Every route of a service has exactly one rule at the gateway, and both say the same about who may use it."""

import re
from importlib import import_module

import pytest

from gateway.routes import ROUTES, SERVICES
from gateway.rule import Access, Needs, OptionalCaller, Public, Rule, SignedIn
from shared.http.endpoint import BODY_LIMIT, Endpoint

Key = tuple[str, str]

ENDPOINTS: dict[str, tuple[Endpoint, ...]] = {
    service: import_module(f"services.{service}.http").ENDPOINTS for service in SERVICES
}
RULES = {service: [rule for rule in ROUTES if rule.service == service] for service in SERVICES}


def key(route: Rule | Endpoint) -> Key:
    """What makes two routes one; names of path parameters do not."""
    return route.method, re.sub(r"{\w+}", "{}", route.path)


def offered(service: str) -> dict[Key, Endpoint]:
    """What the service has for the outside."""
    return {key(endpoint): endpoint for endpoint in ENDPOINTS[service] if not endpoint.internal}


@pytest.mark.parametrize("service", SERVICES)
def test_every_route_of_a_service_has_a_rule_and_every_rule_a_route(service: str) -> None:
    """CVE-2026-50105: what is not declared is denied, and nothing is declared that is not there."""
    ruled = {key(rule) for rule in RULES[service]}
    assert {route for route, endpoint in offered(service).items() if not endpoint.open} <= ruled
    assert ruled <= set(offered(service))


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_is_declared_twice(service: str) -> None:
    for routes in ([key(rule) for rule in RULES[service]], [key(endpoint) for endpoint in ENDPOINTS[service]]):
        assert sorted(routes) == sorted(set(routes))


@pytest.mark.parametrize("service", SERVICES)
def test_gateway_and_service_ask_the_same_of_a_caller(service: str) -> None:
    """CVE-2024-8901: either of the two would do; that they agree is what makes a change of one show."""
    for rule in RULES[service]:
        assert rule.access == access_of(offered(service)[key(rule)]), f"{rule.method} {rule.path}"


@pytest.mark.parametrize("service", SERVICES)
def test_the_gateway_lets_no_longer_body_through_than_the_service_reads(service: str) -> None:
    for rule in RULES[service]:
        assert rule.body_limit <= max(offered(service)[key(rule)].body_limit, BODY_LIMIT)


@pytest.mark.parametrize("service", SERVICES)
def test_no_rule_leads_to_an_internal_route(service: str) -> None:
    internal = {key(endpoint) for endpoint in ENDPOINTS[service] if endpoint.internal}
    assert not internal & {key(rule) for rule in ROUTES}
    assert all(path.startswith("/internal/") for _, path in internal)
    assert not [rule for rule in ROUTES if rule.path.startswith("/internal")]


def access_of(endpoint: Endpoint) -> Access:
    """What a service's own check amounts to, in the gateway's words."""
    if endpoint.needs:
        return Needs(endpoint.needs)
    if endpoint.signature.caller is None:
        return Public()
    return OptionalCaller() if endpoint.signature.caller_optional else SignedIn()
