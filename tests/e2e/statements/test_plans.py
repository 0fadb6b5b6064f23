"""Whoever uses the product: no statement reads past the rows of all other customers."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable
from uuid import UUID

import httpx
import pytest

from cli.postgres import EmbeddedPostgres
from shared.clock import utc_now
from shared.contracts.caller import CONTEXT_HEADER, ContextSigner
from tests.e2e.digest import digest_when_quiet
from tests.e2e.statements.functions import Inner, statements_inside
from tests.e2e.statements.plans import complaints, indexes, plan_of
from tests.e2e.statements.recording import Statement, recording
from tests.e2e.support import PASSWORD, World, body_of
from tests.support.connections import Connection, connected

pytestmark = pytest.mark.slow

AS_AUTH = "SET LOCAL ROLE sparknode_auth"
HOT = {
    "auth": "users memberships tenants domains sessions refresh_tokens one_time_tokens throttles known_devices api_keys"
    " outbox mails rotate_refresh_token",
    "invitations": "invitations members tenants mails outbox inbox",
    "tenants": "tenants domain_claims audit_events outbox inbox",
}
"""Which tables and functions were met at the least, by service: or nothing was tried."""

POOR = {
    "SELECT id FROM users WHERE name = $1": "reads all of users",
    "SELECT id FROM users WHERE id > $1 OR $1 IS NULL ORDER BY id LIMIT 1": "reads all of users_pkey",
    (
        "SELECT id FROM tenants WHERE id = $1"
        " AND (slug = '' OR id IN (SELECT tenant_id FROM memberships WHERE user_id = $2))"
    ): "compares each row of tenants with a list that is read as a whole",
    "SELECT status FROM memberships WHERE user_id > $1 ORDER BY tenant_id LIMIT 1": "reads all of memberships_by_role",
}
STARTING = (
    ("auth", "/internal/revocations"),
    ("auth", "/internal/members?limit=1"),
    ("auth", f"/internal/members?limit=1&after_tenant={UUID(int=1)}&after_user={UUID(int=1)}"),
    ("tenants", "/internal/tenants?limit=1"),
    ("tenants", f"/internal/tenants?limit=1&after={UUID(int=1)}"),
)


def use(product: World) -> None:
    """Everything that many people do often."""
    customer = product.new_customer()
    owner, member = customer.owner, product.member(customer)
    product.anonymous.post("/api/auth/login", json={"email": member.email, "password": "not the password 9"})
    product.allow_links(customer)
    link = {"token": product.sign_in_link(member.email)}
    body_of(product.anonymous.post("/api/auth/login/link/redeem", json=link))
    person = product.sign_in(member.email)
    refreshed = product.anonymous.post("/api/auth/refresh", json={"refresh_token": person.session["refresh_token"]})
    token = product.invite(owner, f"new@{customer.domain}")
    body_of(product.anonymous.post("/api/invitations/preview", json={"token": token}))
    body_of(product.anonymous.get("/api/enrolment", params={"email": f"other@{customer.domain}"}))
    for path in ("/api/auth/me", "/api/auth/sessions", "/api/users", "/api/invitations", "/api/api-keys", "/api/audit"):
        first = body_of(owner.http.get(path, params={"limit": 1}))
        if cursor := first.get("next_cursor"):
            body_of(owner.http.get(path, params={"limit": 1, "cursor": cursor}))
    body_of(owner.http.get("/api/users", params={"q": "some", "status": "active", "role": "member"}))
    body_of(owner.http.get("/api/invitations", params={"q": "new", "status": "pending", "delivery": "sent"}))
    key = body_of(owner.http.post("/api/api-keys", json={"name": "Tool", "scopes": ["users:read"]}))
    bearer = {"Authorization": f"Bearer {key['secret']}"}
    body_of(product.anonymous.get("/api/users", headers=bearer))
    switch = {"tenant_id": customer.id}
    other = product.person(person.http.post("/api/auth/switch-tenant", json=switch))
    assert refreshed.is_success
    assert person.http.delete(f"/api/auth/sessions/{other.claims['sid']}").is_success
    assert person.http.post("/api/auth/password", json={"current_password": PASSWORD, "password": PASSWORD}).is_success
    assert person.http.post("/api/auth/logout").is_success
    assert owner.http.patch(f"/api/users/{member.id}", json={"role": "hr"}).is_success
    assert owner.http.delete(f"/api/users/{member.id}").is_success
    product.anonymous.post("/api/auth/password/forgot", json={"email": owner.email})


def start_beside(product: World) -> None:
    """What a replica asks the others when it starts, or has lost the broker."""
    signer = ContextSigner(product.live.secrets.keys()["caller_signing_key"], "gateway", utc_now)
    for service, path in STARTING:
        headers = {CONTEXT_HEADER: signer.for_peer(service)}
        body_of(httpx.get(product.live.product.addresses[service] + path, headers=headers))


@pytest.fixture(scope="module")
def statements(product: World, postgres: EmbeddedPostgres) -> set[Statement]:
    """All that was sent because of it, also by whoever relays, listens or sends mails afterwards."""

    async def recorded() -> set[Statement]:
        async with recording(postgres) as found:
            await asyncio.to_thread(use, product)
            await asyncio.to_thread(start_beside, product)
            await digest_when_quiet({name: urls.owner for name, urls in product.live.product.databases.items()})
        return found.statements

    return {each for each in asyncio.run(recorded()) if each.role.startswith("sparknode_")}


def test_what_is_hot_was_tried(statements: set[Statement]) -> None:
    for service, tables in HOT.items():
        roles = {f"sparknode_{service}", f"sparknode_{service}_lookup"}
        texts = " ".join(each.sql for each in statements if each.role in roles)
        assert {table for table in tables.split() if not re.search(rf"\b{table}\b", texts)} == set()


async def test_no_statement_reads_past_the_rows_of_others(product: World, statements: set[Statement]) -> None:
    found = [
        complaint
        for urls in product.live.product.databases.values()
        for url in (urls.serving, urls.look_up)
        async for complaint in judged(url, statements)
    ]
    assert found == []


async def test_what_no_index_serves_is_found(product: World) -> None:
    urls = product.live.product.databases["auth"]
    for sql, complaint in POOR.items():
        told = [each async for each in judged(urls.look_up, [Statement("sparknode_auth_lookup", urls.name, sql)])]
        assert [each.partition(":")[0] for each in told] == [f"sparknode_auth_lookup {complaint}"]


async def test_what_no_index_serves_is_found_inside_a_function_too(product: World) -> None:
    urls = product.live.product.databases["auth"]
    call = f"SELECT rotate_refresh_token({', '.join(['NULL'] * 9)})"
    async with connected(urls.owner) as connection:  # nothing of this is ever committed
        await connection.execute(f"BEGIN; ALTER TABLE refresh_tokens DROP CONSTRAINT refresh_tokens_pkey; {AS_AUTH}")
        told = [each async for each in judged_on(connection, [Statement("sparknode_auth", urls.name, call)])]
    assert {each.partition(":")[0] for each in told} == {"sparknode_auth reads all of refresh_tokens"}


async def test_what_is_counted_now_and_then_may_be_read_as_a_whole(product: World) -> None:
    urls = product.live.product.databases["auth"]
    counting = Statement("sparknode_auth_lookup", urls.name, "SELECT count(*) FROM dead_letters")
    assert [each async for each in judged(urls.look_up, [counting])] == []


async def judged(url: str, statements: Iterable[Statement]) -> AsyncIterator[str]:
    """What is wrong with the plans of all that were sent under the role and to the database of ``url``."""
    async with connected(url) as connection:
        async for complaint in judged_on(connection, statements):
            yield complaint


async def judged_on(connection: Connection, statements: Iterable[Statement]) -> AsyncIterator[str]:
    """The same, of the role that the connection has at the moment."""
    role, database = await connection.fetchval("SELECT ARRAY[current_user::text, current_database()::text]")
    known = await indexes(connection)
    for each in statements:
        if (each.role, each.database) == (role, database):
            for one in (Inner(each.sql, ()), *await statements_inside(connection, each.sql)):
                for complaint in complaints(await plan_of(connection, one.sql, one.types), known):
                    yield f"{role} {complaint}: {' '.join(one.sql.split())}"
