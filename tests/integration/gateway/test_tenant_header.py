"""X-Tenant-ID never chooses a tenant; naming a foreign one is a violation."""

from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from shared.ids import new_id
from tests.integration.gateway.backend import values
from tests.integration.gateway.front import Front

OWN, FOREIGN = str(new_id()), str(new_id())


async def violations(front: Front) -> float:
    lines = (await front.http.get("/metrics")).text.splitlines()
    return float(next(line for line in lines if line.startswith("isolation_violations_total")).rpartition(" ")[2])


async def test_a_foreign_tenant_is_refused_and_counted(front: Front) -> None:
    """The owner's plan, phase 4, test 4."""
    bearer = ("Authorization", front.bearer(tenant_id=OWN)["Authorization"])
    for named in ([FOREIGN], [OWN, FOREIGN], [FOREIGN, OWN], [""], ["garbage"], [f"{OWN}, {FOREIGN}"]):
        before = await violations(front)
        with capture_logs(processors=[merge_contextvars]) as lines:
            reply = await front.get("/api/users", bearer, *(("X-Tenant-ID", tenant) for tenant in named))
        assert reply.status == 403
        assert b'"tenant_mismatch"' in reply.body
        [line] = [line for line in lines if line["event"] == "isolation violation"]
        assert (line["log_level"], line["tenant_id"]) == ("warning", OWN)
        assert line["request_id"] == reply.values("x-request-id")[0]
        assert await violations(front) == before + 1
    assert not front.backend.seen


async def test_ones_own_tenant_may_be_named(front: Front) -> None:
    bearer = ("Authorization", front.bearer(tenant_id=OWN)["Authorization"])
    for named in ([OWN], [OWN, OWN], [OWN.upper()]):
        reply = await front.get("/api/users", bearer, *(("x-tenant-id", tenant) for tenant in named))
        assert reply.status == 200
        assert values(front.backend.seen[-1], "x-tenant-id") == []
        assert front.backend.seen[-1]["caller"]["tenant_id"] == OWN


async def test_without_a_token_the_header_is_dropped(front: Front) -> None:
    assert (await front.http.get("/api/enrolment", headers={"X-Tenant-ID": FOREIGN})).status_code == 200
    assert values(front.backend.seen[-1], "x-tenant-id") == []


async def test_with_an_optional_token_it_is_judged(front: Front) -> None:
    headers = front.bearer(tenant_id=OWN) | {"X-Tenant-ID": FOREIGN}
    assert (await front.http.post("/api/invitations/preview", headers=headers)).status_code == 403
    assert (await front.http.post("/api/invitations/preview", headers={"X-Tenant-ID": FOREIGN})).status_code == 200
