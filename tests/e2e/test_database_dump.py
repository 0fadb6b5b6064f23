"""CVE-2017-18917: whoever has a copy of all databases has no link and no token that works."""

import asyncio
import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx
import pytest

from cli.embedded.databases import DatabaseUrls
from shared.http.tls import usual_authorities
from tests.e2e.doors import REFUSALS, Attempt, attempts
from tests.e2e.support import PASSWORD, Customer, Person, World, body_of, token_in

pytestmark = pytest.mark.slow

TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
SERVICE_UNAVAILABLE = 503
AT_ONCE = 4
# Statuses, roles, types and other words, times, and the names of traces, are nobody's secret.
SHORTEST = 12
WORDS = re.compile(r"[A-Za-z_./ -]+(\.v\d+)?|\d{4}-\d\d-\d\dT.*|00-[0-9a-f]{32}-[0-9a-f]{16}-0\d")


@dataclass(frozen=True, slots=True)
class Loot:
    """Whose things are in the dump, and the secrets that are not."""

    customer: Customer
    member: Person
    invited: str
    secrets: list[str]


@pytest.fixture(scope="module")
def loot(product: World) -> Loot:
    """A tenant with one of everything that has a secret, each still good."""
    customer = product.new_customer()
    member, domain = product.member(customer), customer.domain
    invited, newcomer = f"invited@{domain}", f"newcomer@{domain}"
    once = {"Idempotency-Key": f"once-for-{customer.id}"}
    invited_once = body_of(customer.owner.http.post("/api/invitations", json={"email": invited}, headers=once))
    invitation = token_in(invited_once["invite_url"])
    wanted = {"email": newcomer, "password": PASSWORD, "name": "Newcomer"}
    body_of(product.anonymous.post("/api/auth/signup", json=wanted))
    body_of(product.anonymous.post("/api/auth/password/forgot", json={"email": member.email}))
    links = product.link_for(newcomer, "/verify-email"), product.link_for(member.email, "/reset-password")
    product.allow_links(customer)
    signing_in = product.sign_in_link(member.email)
    for_a_tool = {"name": "Tool", "scopes": ["users:read"]}
    key = body_of(customer.owner.http.post("/api/api-keys", json=for_a_tool, headers=once))["secret"]
    secrets = [invitation, *map(token_in, links), signing_in, member.session["refresh_token"], key]
    return Loot(customer, member, invited, secrets)


async def dumped(databases: Mapping[str, DatabaseUrls], tenant_id: str) -> set[str]:
    """Everything in all databases that is a tenant's or nobody's, in every form in which it might be a token."""
    found: set[str] = set()
    for urls in databases.values():
        connection = await asyncpg.connect(urls.owner)
        for (table,) in await connection.fetch(TABLES):
            for (row,) in await connection.fetch(f'SELECT to_jsonb(t)::text FROM "{table}" AS t'):  # noqa: S608
                values = json.loads(row)
                if values.get("id" if table == "tenants" else "tenant_id", tenant_id) == tenant_id:
                    found.update(form for text in _texts(values) for form in _forms(text))
        await connection.close()
    return found


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)


def _forms(text: str) -> Iterator[str]:
    if not text.startswith("\\x"):
        if len(text) >= SHORTEST and not WORDS.fullmatch(text):
            yield text
        return
    raw = bytes.fromhex(text.removeprefix("\\x"))
    yield raw.hex()
    yield base64.urlsafe_b64encode(raw).decode().rstrip("=")  # as our tokens are written


async def try_all(base_url: str, tokens: set[str], loot: Loot) -> list[tuple[int, str, str]]:
    """What was not refused."""
    room, passed = asyncio.Semaphore(AT_ONCE), []
    async with httpx.AsyncClient(base_url=base_url, verify=usual_authorities(), trust_env=False, timeout=30) as client:

        async def make(attempt: Attempt, token: str) -> None:
            async with room:
                status = SERVICE_UNAVAILABLE
                while status == SERVICE_UNAVAILABLE:  # it says nothing about the token
                    status = (await client.request(attempt.method, attempt.path, **attempt.request)).status_code
            if status not in REFUSALS:
                passed.append((status, attempt.path, token))

        by_token = {token: attempts(token, email=loot.invited, signed_in=loot.member) for token in tokens}
        await asyncio.gather(*(make(each, token) for token, made in by_token.items() for each in made))
    return passed


@pytest.mark.timeout(180)  # each of hundreds of texts is tried at every door
def test_nothing_in_the_databases_works_as_a_token(product: World, loot: Loot) -> None:
    tokens = asyncio.run(dumped(product.live.product.databases, loot.customer.id))
    hashes = {hashlib.sha256(secret.encode()).hexdigest() for secret in loot.secrets}
    assert hashes <= tokens, "the dump is not complete"
    assert not tokens & set(loot.secrets)

    assert asyncio.run(try_all(product.base_url, tokens, loot)) == []


def test_afterwards_the_tokens_themselves_still_work(product: World, loot: Loot) -> None:
    invitation, verification, reset, signing_in, refresh, key = loot.secrets
    post = product.anonymous.post
    bearer = {"Authorization": f"Bearer {key}"}
    assert body_of(product.anonymous.get("/api/users", headers=bearer))["items"]
    assert body_of(post("/api/invitations/preview", json={"token": invitation}))["state"] == "valid"
    assert body_of(post("/api/auth/verify-email", json={"token": verification}))["access_token"]
    assert body_of(post("/api/auth/login/link/redeem", json={"token": signing_in}))["access_token"]
    assert body_of(post("/api/auth/refresh", json={"refresh_token": refresh}))["access_token"]
    assert post("/api/auth/password/reset", json={"token": reset, "password": PASSWORD}).status_code == 204
