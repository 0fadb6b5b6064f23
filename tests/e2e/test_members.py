"""Members, from outside: what becomes of their tokens, and how they come back."""

from collections.abc import Iterator

import httpx
import pytest

from tests.e2e.support import Person, World, body_of, eventually, token_in


def me(who: Person) -> int:
    return who.http.get("/api/auth/me").status_code


def refreshed(product: World, who: Person) -> Person:
    return product.person(
        product.anonymous.post("/api/auth/refresh", json={"refresh_token": who.session["refresh_token"]})
    )


def test_a_new_role_holds_at_once_and_costs_a_refresh(product: World) -> None:
    customer = product.new_customer()
    admin = product.member(customer, "admin")
    assert admin.http.get("/api/api-keys").status_code == 200
    body_of(customer.owner.http.patch(f"/api/users/{admin.id}", json={"role": "member"}))
    eventually(lambda: me(admin) == 401, "the end of the former role")
    member = refreshed(product, admin)
    assert me(member) == 200
    assert member.http.get("/api/api-keys").status_code == 403


def test_a_suspended_member_is_out_and_comes_back_by_signing_in(product: World) -> None:
    """GHSA-2vg6-77g8-24mp."""
    customer = product.new_customer()
    member = product.member(customer)
    body_of(customer.owner.http.patch(f"/api/users/{member.id}", json={"status": "suspended"}))
    eventually(lambda: me(member) == 401, "the end of the session")
    body_of(customer.owner.http.patch(f"/api/users/{member.id}", json={"status": "active"}))
    assert me(member) == 401
    assert me(product.sign_in(member.email)) == 200


def test_a_removed_person_can_be_invited_again(product: World) -> None:
    """CVE-2025-13324: and the link that brought them in the first time is dead."""
    customer = product.new_customer()
    email = f"back@{customer.domain}"
    first = product.invite(customer.owner, email)
    member = product.join(email, first)
    assert customer.owner.http.delete(f"/api/users/{member.id}").status_code == 204
    eventually(lambda: me(member) == 401, "the end of the session")

    wanted = {"email": email, "password": "a long walk by the sea 7", "name": "Back", "invitation_token": first}
    again = product.anonymous.post("/api/auth/signup", json=wanted)
    assert (again.status_code, again.json()["code"]) == (410, "invitation_used")

    def invited() -> str | None:
        made = customer.owner.http.post("/api/invitations", json={"email": email})
        return str(made.json()["invite_url"]) if made.is_success else None

    back = product.join(email, token_in(eventually(invited, "word of the departure")))
    assert (back.id != member.id, me(back)) == (True, 200)


def test_who_was_removed_does_not_come_back_by_what_they_have_offered(product: World) -> None:
    customer = product.new_customer()
    admin = product.member(customer, "admin")
    kept = product.invite(admin, f"second.self@{customer.domain}", role="admin")
    customer.owner.http.delete(f"/api/users/{admin.id}").raise_for_status()

    def is_dead() -> bool:
        shown = product.anonymous.post("/api/invitations/preview", json={"token": kept})
        return bool(body_of(shown)["state"] == "revoked")

    eventually(is_dead, "the end of the link")
    wanted = {"email": f"second.self@{customer.domain}", "password": "a long walk by the sea 7", "name": "Me"}
    refused = product.anonymous.post("/api/auth/signup", json=wanted | {"invitation_token": kept})
    assert (refused.status_code, refused.json()["code"]) == (410, "invitation_revoked")


@pytest.mark.parametrize("by", ["token", "key"])
def test_what_was_begun_before_a_removal_is_not_done_after_it(product: World, by: str) -> None:
    """The head of the request came in time, and its body did not."""
    customer = product.new_customer()
    admin = product.member(customer, "admin")
    key = body_of(admin.http.post("/api/api-keys", json={"name": "T", "scopes": ["invitations:manage"]}))["secret"]
    bearer = {"Authorization": f"Bearer {key}"} if by == "key" else dict(admin.http.headers)

    def is_out() -> bool:
        return product.anonymous.get("/api/invitations", headers=bearer).status_code == 401

    def body() -> Iterator[bytes]:
        yield b"{"
        assert not is_out()
        customer.owner.http.delete(f"/api/users/{admin.id}").raise_for_status()
        eventually(is_out, "the removal")
        yield b'"email": "late@%s"}' % customer.domain.encode()

    headers = bearer | {"Content-Type": "application/json"}
    with httpx.Client(base_url=product.base_url, trust_env=False) as http:
        assert http.post("/api/invitations", headers=headers, content=body()).status_code == 401
    assert body_of(customer.owner.http.get("/api/invitations", params={"q": "late@"}))["items"] == []


def test_keys_go_with_whoever_made_them(product: World) -> None:
    """GHSA-2vg6-77g8-24mp."""
    customer = product.new_customer()
    admin = product.member(customer, "admin")
    made = body_of(admin.http.post("/api/api-keys", json={"name": "T", "scopes": ["users:read"]}))
    bearer = {"Authorization": f"Bearer {made['secret']}"}

    def answer() -> int:
        return product.anonymous.get("/api/users", headers=bearer).status_code

    assert answer() == 200
    body_of(customer.owner.http.patch(f"/api/users/{admin.id}", json={"status": "suspended"}))
    eventually(lambda: answer() == 401, "the key's sleep")
    body_of(customer.owner.http.patch(f"/api/users/{admin.id}", json={"status": "active"}))
    eventually(lambda: answer() == 200, "the key's waking")
    customer.owner.http.delete(f"/api/users/{admin.id}").raise_for_status()
    eventually(lambda: answer() == 401, "the end of the key")


def test_who_waits_is_announced_to_those_who_may_approve(product: World) -> None:
    customer = product.new_customer(mode="approval")
    email = f"waiting@{customer.domain}"
    wanted = {"email": email, "password": "a long walk by the sea 7", "name": "Waiting"}
    product.anonymous.post("/api/auth/signup", json=wanted)
    token = token_in(product.link_for(email, "/verify-email"))
    answer = product.anonymous.post("/api/auth/verify-email", json={"token": token})
    assert (answer.status_code, answer.json()["status"]) == (202, "approval_required")
    product.link_for(customer.owner.email, "/members")
    [waiting] = body_of(customer.owner.http.get("/api/users", params={"status": "pending"}))["items"]
    body_of(customer.owner.http.patch(f"/api/users/{waiting['id']}", json={"status": "active"}))
    product.link_for(email, "/login")
    assert me(product.sign_in(email)) == 200
