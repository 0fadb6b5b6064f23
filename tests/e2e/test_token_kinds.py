"""CVE-2024-6087, CVE-2023-48309, CVE-2023-48220: each token opens the one door that it was made for, and no other."""

from collections.abc import Callable

import pytest

from tests.e2e.doors import REFUSALS, attempts
from tests.e2e.support import PASSWORD, Customer, World, body_of, token_in

VERIFY, RESET, REFRESH = "/api/auth/verify-email", "/api/auth/password/reset", "/api/auth/refresh"
REDEEM = "/api/auth/login/link/redeem"
SIGN_UP, PREVIEW, ME = "/api/auth/signup", "/api/invitations/preview", "/api/auth/me"


def an_invitation(product: World, customer: Customer, email: str) -> str:
    return product.invite(customer.owner, email)


def a_revoked_invitation(product: World, customer: Customer, email: str) -> str:
    made = body_of(customer.owner.http.post("/api/invitations", json={"email": email}))
    body_of(customer.owner.http.post(f"/api/invitations/{made['id']}/revoke"))
    return token_in(made["invite_url"])


def a_used_invitation(product: World, customer: Customer, email: str) -> str:
    token = product.invite(customer.owner, email)
    product.join(email, token)
    return token


def a_proof_of_an_address(product: World, customer: Customer, email: str) -> str:
    product.anonymous.post("/api/auth/signup", json={"email": email, "password": PASSWORD, "name": "Somebody"})
    return token_in(product.link_for(email, VERIFY.removeprefix("/api/auth")))


def a_right_to_a_new_password(product: World, customer: Customer, email: str) -> str:
    product.join(email, product.invite(customer.owner, email))
    product.anonymous.post("/api/auth/password/forgot", json={"email": email})
    return token_in(product.link_for(email, "/reset-password"))


def a_link_that_signs_in(product: World, customer: Customer, email: str) -> str:
    product.join(email, product.invite(customer.owner, email))
    product.allow_links(customer)
    return product.sign_in_link(email)


def a_refresh_token(product: World, customer: Customer, email: str) -> str:
    return str(product.join(email, product.invite(customer.owner, email)).session["refresh_token"])


def an_access_token(product: World, customer: Customer, email: str) -> str:
    return str(product.join(email, product.invite(customer.owner, email)).session["access_token"])


Making = Callable[[World, Customer, str], str]
DOORS: dict[Making, set[str]] = {
    an_invitation: {SIGN_UP, PREVIEW},
    a_revoked_invitation: {PREVIEW},
    a_used_invitation: {PREVIEW},
    a_proof_of_an_address: {VERIFY},
    a_right_to_a_new_password: {RESET},
    a_link_that_signs_in: {REDEEM},
    a_refresh_token: {REFRESH},
    an_access_token: {ME},
}
"""A preview says what became of an invitation; it opens nothing."""


@pytest.mark.parametrize("make", DOORS, ids=lambda make: make.__name__)
def test_a_token_opens_its_own_door_only(product: World, make: Making) -> None:
    customer = product.new_customer()
    stranger, email = product.new_customer().owner, f"somebody@{customer.domain}"
    token = make(product, customer, email)
    opened = set()
    # Those that it is not made for come first, so that it is still good when they are tried.
    for attempt in sorted(attempts(token, email=email, signed_in=stranger), key=lambda each: each.path in DOORS[make]):
        answer = product.anonymous.request(attempt.method, attempt.path, **attempt.request)
        if answer.is_success:
            opened.add(attempt.path)
        else:
            assert answer.status_code in REFUSALS | {409}, answer.text
    assert opened == DOORS[make]
