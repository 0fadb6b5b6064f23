"""What the service shows of itself."""

from tests.integration.invitations.desk import Desk


async def test_its_document_has_the_public_routes_and_no_internal_one(desk: Desk) -> None:
    paths = (await desk.http.get("/openapi.json")).json()["paths"]

    assert {(method, path) for path, methods in paths.items() for method in methods} == {
        ("post", "/api/invitations"),
        ("get", "/api/invitations"),
        ("post", "/api/auth/invitations/generate"),
        ("get", "/api/invitations/{invitation_id}"),
        ("post", "/api/invitations/{invitation_id}/resend"),
        ("post", "/api/invitations/{invitation_id}/revoke"),
        ("post", "/api/tenants/{tenant_id}/invite-owner"),
    }


async def test_it_is_ready_while_its_database_answers(desk: Desk) -> None:
    assert (await desk.http.get("/readyz")).status_code == 200


async def test_it_listens_to_those_who_own_tenants_and_memberships(desk: Desk) -> None:
    assert desk.service.listener
    assert desk.service.listener.types == {
        "auth.membership.created.v1",
        "auth.membership.role_changed.v1",
        "auth.membership.approved.v1",
        "auth.membership.renamed.v1",
        "auth.membership.suspended.v1",
        "auth.membership.resumed.v1",
        "auth.membership.removed.v1",
        "tenants.tenant.created.v1",
        "tenants.tenant.updated.v1",
        "tenants.tenant.suspended.v1",
        "tenants.tenant.resumed.v1",
    }
