"""The owner's plan, phase by phase, for what exists now; names, bodies and statuses are the plan's own words."""

import httpx
import pytest

from shared.ids import new_id
from tests.e2e.support import World, body_of, claims_of, token_in

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="session")  # with the product: nobody signs up twice with one address
def test_user(product: World) -> httpx.Response:
    """Test 1 up to its last step: the answer to the link in the mail."""
    signed_up = product.anonymous.post(
        "/api/auth/signup",
        json={"email": "testuser@company.com", "password": "TestPass123!", "name": "Test User"},
    )
    assert signed_up.status_code == 202
    assert signed_up.json() == {"status": "verification_required", "email": "testuser@company.com"}
    link = product.link_for("testuser@company.com", "/verify-email")
    return product.anonymous.post("/api/auth/verify-email", json={"token": token_in(link)})


class TestPhase2BackendIsRunning:
    def test_health(self, product: World) -> None:
        answer = product.anonymous.get("/health")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


class TestPhase4SignupFlows:
    def test_1_the_sign_up_page_detects_the_organisation(self, product: World) -> None:
        answer = product.anonymous.get("/api/enrolment", params={"email": "testuser@company.com"})
        assert body_of(answer) == {"mode": "automatic", "tenant": {"name": "Company"}}

    def test_1_domain_match_enrols_into_that_tenant(self, product: World, test_user: httpx.Response) -> None:
        session = body_of(test_user)
        assert session["tenant"] == {"id": product.tenant_id, "slug": "company", "name": "Company"}
        assert session["user"]["email"] == "testuser@company.com"
        assert session["user"]["name"] == "Test User"
        assert session["user"]["tenant_id"] == product.tenant_id

    def test_2_invite_link_joins_the_inviters_tenant(self, product: World) -> None:
        invited = product.admin().http.post(
            "/api/auth/invitations/generate",
            headers=JSON,
            json={"email": "newuser@example.com", "tenant_id": product.tenant_id},
        )
        assert invited.status_code == 201
        invite_url = invited.json()["invite_url"]
        token = token_in(invite_url)
        assert invite_url == f"{product.base_url}/signup?token={token}&email=newuser%40example.com"

        signed_up = product.anonymous.post(
            "/api/auth/signup",
            json={
                "email": "newuser@example.com",
                "password": "TestPass123!",
                "name": "New User",
                "invitation_token": token,
            },
        )
        assert signed_up.status_code == 201
        assert claims_of(signed_up.json()["access_token"])["tenant_id"] == product.tenant_id

    @pytest.mark.usefixtures("test_user")
    def test_3_the_token_contains_the_tenant_id(self, product: World) -> None:
        signed_in = product.sign_in("testuser@company.com", "TestPass123!")
        assert signed_in.claims["tenant_id"] == product.tenant_id

    def test_4_a_foreign_tenant_header_is_forbidden(self, product: World) -> None:
        user_a, other = product.admin(), product.new_customer()
        answer = user_a.http.get("/api/users", headers={"X-Tenant-ID": other.id})
        assert (answer.status_code, answer.json()["code"]) == (403, "tenant_mismatch")

    def test_4_the_own_tenant_header_is_fine_and_shows_only_the_own_tenant(self, product: World) -> None:
        other = product.new_customer()
        answer = product.admin().http.get("/api/users", headers={"X-Tenant-ID": product.tenant_id})
        tenants = {user["tenant_id"] for user in body_of(answer)["items"]}
        assert tenants == {product.tenant_id}
        assert other.owner.id not in answer.text


class TestPhase6HealthChecks:
    def test_database_connection(self, product: World) -> None:
        answer = product.anonymous.get("/api/health/db")
        assert body_of(answer) == {
            "status": "ok",
            "databases": {"auth": "ok", "tenants": "ok", "invitations": "ok"},
        }

    def test_jwt_validation(self, product: World) -> None:
        assert product.admin().http.get("/api/users").status_code == 200
        assert product.anonymous.get("/api/users").status_code == 401
        broken = {"Authorization": "Bearer TOKEN"}
        assert product.anonymous.get("/api/users", headers=broken).status_code == 401


class TestTroubleshooting:
    def test_a_domain_that_nobody_claimed_cannot_determine_a_tenant(self, product: World) -> None:
        answer = product.anonymous.post(
            "/api/auth/signup",
            json={"email": f"somebody@{new_id().hex}.com", "password": "TestPass123!", "name": "Somebody"},
        )
        assert answer.status_code == 422
        problem = answer.json()
        assert (problem["code"], problem["title"]) == ("tenant_undetermined", "Cannot determine tenant")
