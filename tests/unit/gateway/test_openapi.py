"""One document out of several."""

from typing import Any

from gateway.openapi.document import ACCESS, merge
from gateway.openapi.schemas import merged_schemas, renamed
from gateway.routes import ROUTES


def reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def part(schemas: dict[str, Any], **operations: Any) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for where, operation in operations.items():
        method, _, path = where.partition(" ")
        paths.setdefault(path, {})[method.lower()] = operation
    return {"paths": paths, "components": {"schemas": schemas}}


def operation(name: str, schema: str) -> dict[str, Any]:
    answer = {"description": "x", "content": {"application/json": {"schema": reference(schema)}}}
    return {"operationId": name, "summary": name, "tags": ["theirs"], "responses": {"200": answer}}


AUTH = part(
    {"Problem": {"type": "object"}, "Page": {"items": reference("Item")}, "Item": {"type": "string"}},
    **{
        "GET /api/users/{id}": operation("read_user", "Page"),
        "POST /api/auth/login": operation("log_in", "Problem"),
        "GET /api/auth/me": operation("me", "Problem"),
        "POST /api/invitations/preview": operation("preview", "Problem"),
        "POST /internal/x": operation("internal", "Problem"),
        "PUT /api/users/{id}": operation("not_let_through", "Problem"),
    },
)
TENANTS = part(
    {"Problem": {"type": "object"}, "Page": {"items": reference("Item")}, "Item": {"type": "integer"}},
    **{"GET /api/tenants": operation("list_tenants", "Page"), "POST /api/tenants/{x}/suspend": operation("s", "Item")},
)
DOCUMENT = merge({"auth": AUTH, "tenants": TENANTS, "invitations": {"paths": {}}}, "https://id.company.com")


def test_what_has_a_rule_is_described_by_its_service() -> None:
    assert DOCUMENT["openapi"] == "3.1.0"
    assert DOCUMENT["servers"] == [{"url": "https://id.company.com"}]
    assert DOCUMENT["paths"]["/api/users/{id}"]["get"]["summary"] == "read_user"
    assert set(DOCUMENT["paths"]["/api/users/{id}"]) == {"get"}
    assert "/internal/x" not in DOCUMENT["paths"]


def test_the_gateways_own_routes_are_all_described() -> None:
    own = {rule.path for rule in ROUTES if rule.service == "gateway"}
    assert own <= set(DOCUMENT["paths"])


def test_the_gateways_own_routes_say_what_they_answer_in_an_outage() -> None:
    told = {path: DOCUMENT["paths"][path]["get"]["responses"].get("503") for path in ("/api/health/db", "/readyz")}
    assert told["/api/health/db"]["description"] == "`database_unavailable`"
    assert told["/api/health/db"]["content"].keys() == {"application/problem+json"}
    assert told["/readyz"]["content"].keys() == {"application/json"}
    assert all("Retry-After" in answer["headers"] for answer in told.values())
    for path in ("/openapi.json", "/docs"):
        assert DOCUMENT["paths"][path]["get"]["responses"]["503"]["description"] == "`service_unavailable`"
    assert "503" not in DOCUMENT["paths"]["/health"]["get"]["responses"]


def test_who_may_call_is_said_by_the_rule() -> None:
    login, read = DOCUMENT["paths"]["/api/auth/login"]["post"], DOCUMENT["paths"]["/api/users/{id}"]["get"]
    assert (login["security"], login[ACCESS]) == ([], "anyone")
    assert (read["security"], read[ACCESS]) == ([{"bearer": []}], "needs users:read")
    me, preview = DOCUMENT["paths"]["/api/auth/me"]["get"], DOCUMENT["paths"]["/api/invitations/preview"]["post"]
    assert (me["security"], me[ACCESS]) == ([{"bearer": []}], "signed in")
    assert preview["security"] == [{}, {"bearer": []}]
    assert read["tags"] == ["Account and directory"]


def test_schemas_that_mean_the_same_are_one() -> None:
    assert DOCUMENT["components"]["schemas"]["Problem"] == {"type": "object"}


def test_schemas_that_share_a_name_only_are_told_apart_and_so_is_what_speaks_of_them() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert schemas["AuthItem"] == {"type": "string"}
    assert schemas["TenantsItem"] == {"type": "integer"}
    assert schemas["AuthPage"] == {"items": reference("AuthItem")}
    answer = DOCUMENT["paths"]["/api/tenants"]["get"]["responses"]["200"]
    assert answer["content"]["application/json"]["schema"] == reference("TenantsPage")


def test_renaming_follows_references_wherever_they_are() -> None:
    nested = {"anyOf": [reference("A"), {"items": reference("A")}], "$ref": 5, "x": {"$ref": "elsewhere.json"}}
    assert renamed(nested, {"A": "B"}) == {
        "anyOf": [reference("B"), {"items": reference("B")}],
        "$ref": 5,
        "x": {"$ref": "elsewhere.json"},
    }
    assert merged_schemas({"auth": {}}) == ({}, {"auth": {}})
