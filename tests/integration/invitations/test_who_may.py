"""Who may do what, and to which invitations."""

from datetime import timedelta
from itertools import product

from shared.contracts.caller import CONTEXT_HEADER, Caller, ContextSigner
from shared.contracts.permissions import Permission
from shared.contracts.tenancy import Role
from shared.ids import new_id
from tests.integration.invitations.company import Company
from tests.integration.invitations.desk import Desk
from tests.support.callers import SIGNING_KEY

SOME_ID = new_id()
PUBLIC = [
    ("POST", "/api/invitations"),
    ("POST", "/api/auth/invitations/generate"),
    ("GET", "/api/invitations"),
    ("GET", f"/api/invitations/{SOME_ID}"),
    ("POST", f"/api/invitations/{SOME_ID}/resend"),
    ("POST", f"/api/invitations/{SOME_ID}/revoke"),
    ("POST", f"/api/tenants/{SOME_ID}/invite-owner"),
]
INTERNAL = [
    ("POST", "/internal/reservations"),
    ("POST", "/internal/reservations/by-address"),
    ("POST", "/internal/invitations/preview"),
]


async def test_members_and_keys_without_the_scope_are_refused(desk: Desk, company: Company) -> None:
    """CVE-2026-16072, CVE-2026-50105"""
    key = Caller(new_id(), company.id, Role.ADMIN, frozenset({Permission.USERS_READ}), key_id=new_id())
    for caller, (method, path) in product((company.member, key), PUBLIC):
        answer = await desk.ask(caller, method, path)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), path


async def test_a_context_that_the_gateway_did_not_sign_for_us_just_now_is_none(desk: Desk, company: Company) -> None:
    """CVE-2024-8901"""
    forger = ContextSigner("a key that somebody else has made up, long enough", "gateway", desk.clock)
    gateway = ContextSigner(SIGNING_KEY, "gateway", desk.clock)
    late = ContextSigner(SIGNING_KEY, "gateway", lambda: desk.clock() - timedelta(seconds=36))
    contexts = [
        {},
        {CONTEXT_HEADER: ""},
        {CONTEXT_HEADER: "garbage"},
        {CONTEXT_HEADER: forger.for_caller(company.owner, "invitations")},
        {CONTEXT_HEADER: gateway.for_caller(company.owner, "tenants")},
        {CONTEXT_HEADER: late.for_caller(company.owner, "invitations")},
    ]
    for context, (method, path) in product(contexts, PUBLIC + INTERNAL):
        headers = {"x-tenant-id": str(company.id), "x-user-id": str(company.owner.subject)} | context
        answer = await desk.http.request(method, path, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_caller_context"), (path, context)


async def test_without_a_session_nobody_gets_anything(desk: Desk) -> None:
    for method, path in PUBLIC:
        answer = await desk.ask(None, method, path)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated"), path


async def test_what_auth_may_ask_no_person_may_and_the_other_way_round(desk: Desk, company: Company) -> None:
    for caller, (method, path) in product((company.owner, None), INTERNAL):
        assert (await desk.ask(caller, method, path)).status_code == 401, path
    peer = {CONTEXT_HEADER: ContextSigner(SIGNING_KEY, "auth", desk.clock).for_peer("invitations")}
    for method, path in PUBLIC:
        assert (await desk.http.request(method, path, headers=peer)).status_code == 401, path


async def test_nobody_invites_to_a_role_above_their_own(desk: Desk, company: Company) -> None:
    """CVE-2024-5127"""
    too_high = {"admin": ["owner"], "hr": ["owner", "admin", "hr"]}
    named = {"tenant_id": str(company.id)}
    before = await desk.everything()
    for granter, role in [(granter, role) for granter, roles in too_high.items() for role in roles]:
        for path, more in (("/api/invitations", {}), ("/api/auth/invitations/generate", named)):
            answer = await desk.post(path, getattr(company, granter), email="ann@example.com", role=role, **more)
            assert (answer.status_code, answer.json()["code"]) == (403, "role_too_high"), (granter, role)
    assert await desk.everything() == before


async def test_an_invitation_above_ones_role_is_not_ones_to_change(desk: Desk, company: Company) -> None:
    """CVE-2024-5127: inviting the address again would hand out its link, or take the role away."""
    made = await desk.invite(company.owner, role="owner")
    before = await desk.everything()
    attempts = [
        await desk.post(f"/api/invitations/{made['id']}/resend", company.hr),
        await desk.post(f"/api/invitations/{made['id']}/revoke", company.admin),
        await desk.post("/api/invitations", company.hr, email="ann@example.com"),
    ]

    assert [(answer.status_code, answer.json()["code"]) for answer in attempts] == [(403, "role_too_high")] * 3
    assert await desk.everything() == before
    assert (await desk.read(company.hr, made["id"]))["role"] == "owner"
