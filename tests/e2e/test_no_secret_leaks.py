"""CVE-2026-41181: whatever people do with their secrets, these appear in no log line, event, metric or refusal."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import asyncpg
import httpx

from cli.embedded.databases import DatabaseUrls
from tests.e2e.support import Customer, World, body_of, token_in

TOLD = "SELECT data::text FROM outbox"
PARKED = "SELECT envelope::text || reason FROM dead_letters"


@dataclass(slots=True)
class Canaries:
    """Secrets that are in use, and what was said to those who misused them."""

    product: World
    customer: Customer
    secrets: list[str] = field(default_factory=list)
    refusals: str = ""

    def new(self, secret: str) -> str:
        """One to look for."""
        self.secrets.append(secret)
        return secret

    def session(self, answer: httpx.Response) -> dict[str, Any]:
        """Whoever was signed in by ``answer``; their tokens are secrets."""
        session: dict[str, Any] = body_of(answer)
        self.new(session["access_token"])
        self.new(session["refresh_token"])
        return session

    def refused(self, method: str, path: str, **request: Any) -> None:
        """A request that must fail, and may tell no secret when it does."""
        answer = self.product.anonymous.request(method, path, **request)
        assert 400 <= answer.status_code < 500, (path, answer.text)
        self.refusals += answer.text + str(answer.headers)

    # --- what people do

    def come_by_domain(self) -> None:
        """Sign up, prove the address, forget the password, choose another, and sign in without it."""
        email, password, chosen = f"canary@{self.customer.domain}", "Canary-yellow-41", "Canary-yellow-42"
        post = self.product.anonymous.post
        post("/api/auth/signup", json={"email": email, "password": self.new(password), "name": "Canary"})
        proof = self.new(token_in(self.product.link_for(email, "/verify-email")))
        self.session(post("/api/auth/verify-email", json={"token": proof}))
        post("/api/auth/password/forgot", json={"email": email})
        reset = self.new(token_in(self.product.link_for(email, "/reset-password")))
        self.refused("POST", "/api/auth/password/reset", json={"token": reset, "password": "short"})
        assert post("/api/auth/password/reset", json={"token": reset, "password": self.new(chosen)}).is_success
        self.product.allow_links(self.customer)
        link = self.new(self.product.sign_in_link(email))
        self.session(post("/api/auth/login/link/redeem", json={"token": link}))
        self.misuse(email, proof, reset, link, chosen)

    def come_by_invitation(self) -> None:
        """Sign up with a link, refresh twice with the same token, sign out."""
        email, password = f"invited@{self.customer.domain}", self.new("Canary-yellow-43")
        invitation = self.new(self.product.invite(self.customer.owner, email))
        wanted = {"email": email, "password": password, "name": "Invited", "invitation_token": invitation}
        post = self.product.anonymous.post
        session = self.session(post("/api/auth/signup", json=wanted))
        renewed = self.session(post("/api/auth/refresh", json={"refresh_token": session["refresh_token"]}))
        self.session(post("/api/auth/refresh", json={"refresh_token": session["refresh_token"]}))
        again = self.session(post("/api/auth/login", json={"email": email, "password": password}))
        bearer = {"Authorization": f"Bearer {again['access_token']}"}
        assert post("/api/invitations/accept", json={"token": invitation}, headers=bearer).is_success
        for session in (renewed, again):
            bearer = {"Authorization": f"Bearer {session['access_token']}"}
            assert post("/api/auth/logout", headers=bearer).is_success
        self.misuse(email, invitation, renewed["refresh_token"], again["access_token"])

    def come_by_a_key(self) -> None:
        """Use an API key, take it back, and go on using it."""
        made = body_of(self.customer.owner.http.post("/api/api-keys", json={"name": "T", "scopes": ["users:read"]}))
        key, bearer = made["secret"], {"Authorization": f"Bearer {self.new(made['secret'])}"}
        assert self.product.anonymous.get("/api/users", headers=bearer).is_success
        assert self.customer.owner.http.delete(f"/api/api-keys/{made['id']}").is_success
        self.misuse(f"nobody@{self.customer.domain}", key)

    def misuse(self, email: str, *secrets: str) -> None:
        """Put secrets where they do not belong."""
        for secret in secrets:
            self.refused("POST", "/api/auth/login", json={"email": email, "password": secret + "!"})
            self.refused("POST", "/api/auth/login", json={"email": secret, "password": secret})
            self.refused("POST", "/api/auth/login", json={"email": email, "pasword": secret})
            self.refused("POST", "/api/auth/login", json={"email": email, "password": [secret], "tenant_id": secret})
            self.refused("POST", "/api/auth/login", content=f'{{"password": "{secret}"')
            self.refused("POST", "/api/auth/verify-email", json={"token": secret})
            self.refused("POST", "/api/auth/verify-email", json={"token": {"token": secret}})
            self.refused("POST", "/api/auth/login/link/redeem", json={"token": secret})
            self.refused("POST", "/api/auth/refresh", json={"refresh_token": secret})
            self.refused("POST", "/api/auth/password/reset", json={"token": secret, "password": "Canary-yellow-44"})
            self.refused("GET", "/api/enrolment", params={"email": secret})
            self.refused("GET", "/api/auth/me", headers={"Authorization": f"Basic {secret}"})
            self.refused("GET", "/api/auth/me", headers={"Authorization": f"Bearer {secret}."})
            self.refused("GET", f"/api/users/{quote(secret, safe='')}")


def test_secrets_appear_nowhere(product: World) -> None:
    canaries = Canaries(product, product.new_customer())
    canaries.secrets += product.live.secrets.keys().values()
    canaries.come_by_domain()
    canaries.come_by_invitation()
    canaries.come_by_a_key()

    places = {
        "log": log_of(product),
        "events": asyncio.run(events_in(product.live.product.databases)),
        "metrics": product.anonymous.get("/metrics").text,
        "refusals": canaries.refusals,
    }

    assert {name: text for name, text in places.items() if len(text) < 1000} == {}, "there is nothing to look at"
    leaks = [(name, secret) for name, text in places.items() for secret in canaries.secrets if secret in text]
    assert leaks == []


def log_of(product: World) -> str:
    """What the whole product has logged so far."""
    assert product.live.product.mailbox
    return (product.live.product.mailbox.parent / "sparknode.log").read_text()


async def events_in(databases: Mapping[str, DatabaseUrls]) -> str:
    """All that the services have told each other, and what was put aside."""
    found: list[str] = []
    for urls in databases.values():
        connection = await asyncpg.connect(urls.owner)
        found += [row[0] for row in await connection.fetch(TOLD)]
        if await connection.fetchval("SELECT to_regclass('dead_letters')"):
            found += [row[0] for row in await connection.fetch(PARKED)]
        await connection.close()
    return "\n".join(found)
