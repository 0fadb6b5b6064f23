"""Inviting an address for the first time."""

from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from shared.contracts.tenancy import PLATFORM_TENANT_ID
from shared.ids import token_hash
from tests.integration.invitations.company import Company
from tests.integration.invitations.desk import Desk, token_in
from tests.support.callers import a_caller, an_operator

VIOLATIONS = "isolation_violations_total"


async def test_an_invitation_is_answered_with_all_that_was_decided(desk: Desk, company: Company) -> None:
    answer = await desk.post("/api/invitations", company.admin, email="Ann@Example.com", role="hr")

    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    made = answer.json()
    assert {name: made[name] for name in ("email", "role", "status", "tenant_id", "invited_by")} == {
        "email": "ann@example.com",
        "role": "hr",
        "status": "pending",
        "tenant_id": str(company.id),
        "invited_by": str(company.admin.subject),
    }
    assert made["delivery"]["status"] == "queued"
    assert made["delivery"]["error"] is None
    lifetime = datetime.fromisoformat(made["expires_at"]) - datetime.fromisoformat(made["created_at"])
    assert lifetime == timedelta(days=7)


async def test_without_a_role_it_is_for_a_member(desk: Desk, company: Company) -> None:
    assert (await desk.invite(company.admin))["role"] == "member"


async def test_the_link_leads_to_the_configured_address_with_token_and_email(desk: Desk, company: Company) -> None:
    made = await desk.invite(company.admin, email="o'neil+hr&x@example.com")

    url = urlsplit(made["invite_url"])
    assert f"{url.scheme}://{url.netloc}{url.path}" == "https://id.example.com/signup"
    assert url.query.count("&") == 1
    assert parse_qs(url.query)["email"] == ["o'neil+hr&x@example.com"]


async def test_the_headers_of_a_request_never_reach_the_link(desk: Desk, company: Company) -> None:
    """CVE-2024-25625"""
    desk.http.headers.update({"host": "evil.test", "x-forwarded-host": "evil.test", "forwarded": "host=evil.test"})
    made = await desk.invite(company.admin)
    await desk.post_mails()

    [mail] = await desk.mails_to("ann@example.com")
    assert made["invite_url"].startswith("https://id.example.com/")
    assert mail.links == [made["invite_url"]]
    assert "evil" not in mail.text


async def test_generate_is_the_same_under_the_name_of_the_owners_plan(desk: Desk, company: Company) -> None:
    body = {"email": "ann@example.com", "tenant_id": str(company.id)}
    answer = await desk.post("/api/auth/invitations/generate", company.admin, **body)

    assert answer.status_code == 201
    assert answer.json()["invite_url"].startswith("https://id.example.com/signup?token=")
    assert answer.json()["invite_url"].endswith("&email=ann%40example.com")


async def test_generating_for_another_tenant_is_a_mismatch(desk: Desk, company: Company, rival: Company) -> None:
    """CVE-2024-5714"""
    before, counted = await desk.everything(), REGISTRY.get_sample_value(VIOLATIONS)
    body = {"email": "ann@example.com", "tenant_id": str(rival.id)}
    with capture_logs() as lines:
        answer = await desk.post("/api/auth/invitations/generate", company.admin, **body)

    assert (answer.status_code, answer.json()["code"]) == (403, "tenant_mismatch")
    assert ("isolation violation", "warning") in [(line["event"], line["log_level"]) for line in lines]
    assert REGISTRY.get_sample_value(VIOLATIONS) == (counted or 0) + 1
    assert await desk.everything() == before


async def test_a_member_cannot_be_invited(desk: Desk, company: Company, rival: Company) -> None:
    await desk.join(company, "ann@example.com")
    before = await desk.everything()
    answer = await desk.post("/api/invitations", company.admin, email="ANN@example.com")

    assert (answer.status_code, answer.json()["code"]) == (409, "already_member")
    assert await desk.everything() == before
    await desk.invite(rival.admin, "ann@example.com")


async def test_a_suspended_tenant_invites_nobody(desk: Desk, company: Company) -> None:
    """CVE-2024-47060"""
    made = await desk.invite(company.admin)
    await desk.suspend(company)
    before = await desk.everything()

    for path, body in (("", {"email": "bob@example.com"}), (f"/{made['id']}/resend", {})):
        answer = await desk.post(f"/api/invitations{path}", company.owner, **body)
        assert (answer.status_code, answer.json()["code"]) == (403, "tenant_suspended")
    assert await desk.everything() == before

    await desk.resume(company)
    await desk.invite(company.admin, "bob@example.com")


async def test_a_tenant_that_was_not_heard_of_yet_is_asked_to_wait(desk: Desk) -> None:
    answer = await desk.post("/api/invitations", Company.named("Early").admin, email="ann@example.com")

    assert (answer.status_code, answer.json()["code"]) == (503, "tenant_unknown")
    assert answer.headers["retry-after"]


async def test_operators_invite_into_the_platform_like_anybody_else(desk: Desk) -> None:
    made = await desk.invite(an_operator(), role="owner")

    assert made["tenant_id"] == str(PLATFORM_TENANT_ID)


async def test_an_operator_has_no_say_in_another_tenant(desk: Desk, company: Company) -> None:
    made = await desk.invite(company.admin)
    answer = await desk.post(f"/api/invitations/{made['id']}/revoke", an_operator())

    assert answer.status_code == 404


async def test_what_was_decided_is_told_in_the_same_transaction(desk: Desk, company: Company) -> None:
    made = await desk.invite(company.admin, role="hr")

    assert await desk.told() == [
        {
            "type": "invitations.invitation.created.v1",
            "invitation_id": made["id"],
            "tenant_id": str(company.id),
            "email": "ann@example.com",
            "role": "hr",
            "invited_by": str(company.admin.subject),
        }
    ]


async def test_a_dump_of_the_database_holds_no_link_that_works(desk: Desk, company: Company) -> None:
    """CVE-2017-18917"""
    token = token_in(await desk.invite(company.admin, message="Hello"))
    tables = await desk.rows("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
    dump = ""
    for [table] in tables:
        dump += str(await desk.rows(f'SELECT t::text FROM "{table}" AS t'))  # noqa: S608 - names from the catalogue

    assert token_hash(token).hex() in dump
    assert token not in dump
    assert token.encode().hex() not in dump


async def test_whoever_may_invite_to_a_role_can(desk: Desk, company: Company) -> None:
    for role in ("owner", "admin", "hr", "member"):
        assert (await desk.invite(company.owner, f"{role}@example.com", role=role))["role"] == role


async def test_a_subject_that_is_no_known_member_invites_as_well(desk: Desk, company: Company) -> None:
    """An API key, or an admin whose own joining has not been told yet."""
    await desk.invite(a_caller(company.id))
    await desk.post_mails()

    [mail] = await desk.mails_to("ann@example.com")
    assert "You are invited to join Company" in mail.text
