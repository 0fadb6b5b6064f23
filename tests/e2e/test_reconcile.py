"""`sparknode events reconcile`: replicas that have drifted from their owners are found, and repaired."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.described import environment_of
from tests.e2e.program import command
from tests.e2e.support import Customer, World, eventually
from tests.support.connections import change, connected

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]  # a process of each service for each command

_COUNTING = "SELECT domain, mode FROM domains WHERE tenant_id = $1::text::uuid AND counts"

NEWEST = 2**40
"""A sequence that no event of a test reaches."""


def reconcile(product: World, home: Path, *options: str, code: int) -> dict[tuple[str, str], dict[str, Any]]:
    """The differences by replica and key."""
    done = command("events", "reconcile", "--json", *options, home=home, **environment_of(product.live))
    assert done.returncode == code, (done.stdout, done.stderr)
    assert ("left over are left alone" in done.stderr) is bool(code)
    return {(each["replica"], each["key"]): each for each in json.loads(done.stdout)}


def on(product: World, service: str, statement: str, *arguments: object) -> None:
    """What nobody but a fault, or a hand, does to a replica."""
    asyncio.run(change(product.live.product.databases[service].owner, statement, *arguments))


def rows(product: World, service: str, sql: str, *arguments: object) -> list[tuple[Any, ...]]:
    async def fetch() -> list[tuple[Any, ...]]:
        async with connected(product.live.product.databases[service].owner) as connection:
            return [tuple(row) for row in await connection.fetch(sql, *arguments)]

    return asyncio.run(fetch())


def domains_of(product: World, customer: Customer) -> list[tuple[Any, ...]]:
    return rows(product, "auth", _COUNTING, customer.id)


def test_drift_is_told_by_a_dry_run_and_repaired_when_that_is_asked_for(product: World, tmp_path: Path) -> None:
    renamed, undomained, lost, ahead = (product.new_customer() for _ in range(4))
    gone, raised = product.member(lost), product.member(lost)
    heard = "SELECT FROM members WHERE user_id IN ($1::text::uuid, $2::text::uuid)"
    eventually(lambda: len(rows(product, "invitations", heard, gone.id, raised.id)) == 2, "what is heard of both")
    on(product, "auth", "UPDATE tenants SET name = 'Wrong' WHERE id = $1::text::uuid", renamed.id)
    on(product, "auth", "UPDATE domains SET domain = 'left.over' WHERE tenant_id = $1::text::uuid", undomained.id)
    on(product, "invitations", "DELETE FROM members WHERE user_id = $1::text::uuid", gone.id)
    on(product, "invitations", "UPDATE members SET role = 'owner' WHERE user_id = $1::text::uuid", raised.id)
    newer = "UPDATE tenants SET name = 'Newer', sequence = $2 WHERE id = $1::text::uuid"
    on(product, "auth", newer, ahead.id, NEWEST)
    missing = "INSERT INTO members SELECT tenant_id, gen_random_uuid(), 'x@y.z', 'Nobody', 0 FROM members LIMIT 1"
    on(product, "invitations", missing)

    unsettled = product.new_customer()
    for service in ("auth", "invitations"):
        settle = """UPDATE tenants SET settings = '{"self_sign_up": false}' WHERE id = $1::text::uuid"""
        on(product, service, settle, unsettled.id)

    told = reconcile(product, tmp_path, code=1)
    for replica in ("auth.tenants", "invitations.tenants"):
        assert told[replica, unsettled.id]["here"]["settings"]["self_sign_up"] is False
    assert told["auth.tenants", renamed.id]["here"] == {"name": "Wrong"}
    assert told["auth.tenants", renamed.id]["owner"] == {"name": renamed.slug.title()}
    assert told["auth.tenants", undomained.id]["here"] == {"domains": {"left.over": ["automatic", False]}}
    assert told["invitations.members", f"{lost.id}/{gone.id}"]["drift"] == "missing"
    assert told["invitations.members", f"{lost.id}/{raised.id}"]["owner"] == {"role": "member"}
    assert "left over" in [each["drift"] for each in told.values()]
    assert ("auth.tenants", ahead.id) not in told
    assert domains_of(product, undomained) == [("left.over", "automatic")]

    assert all(each["repaired"] for each in reconcile(product, tmp_path, "--apply", code=0).values())
    assert domains_of(product, undomained) == [(undomained.domain, "automatic")]
    assert rows(product, "invitations", "SELECT email FROM members WHERE user_id = $1::text::uuid", gone.id) == [
        (gone.email,)
    ]
    names = rows(product, "auth", "SELECT name FROM tenants WHERE id = $1::text::uuid", ahead.id)
    assert names == [("Newer",)]
    assert reconcile(product, tmp_path, code=0) == {}
