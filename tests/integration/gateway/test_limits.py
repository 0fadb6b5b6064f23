"""Limits per address, over the wire."""

from shared.contracts.api_keys import ApiKey
from shared.contracts.tenancy import Role
from shared.ids import new_id
from tests.integration.gateway.backend import Backend
from tests.integration.gateway.front import running
from tests.support.access_tokens import Issuer


async def test_beyond_the_allowance_it_is_429_with_a_time_to_come_back(backend: tuple[str, Backend]) -> None:
    async with running(*backend, limits="on", limit_sign_in=3) as front:
        answers = [await front.http.post("/api/auth/login", json={}) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert answers[-1].json()["code"] == "rate_limited"
        assert 15 <= int(answers[-1].headers["retry-after"]) <= 20  # three a minute: one in twenty seconds
        assert {answer.headers["ratelimit-policy"] for answer in answers} == {'"sign-in";q=3;w=60'}
        left = [answer.headers["ratelimit"].partition(";t=")[0] for answer in answers]
        assert left == ['"sign-in";r=2', '"sign-in";r=1', '"sign-in";r=0', '"sign-in";r=0']
        assert (await front.http.post("/api/auth/signup", json={})).status_code == 200


async def test_a_client_cannot_pretend_to_be_many(backend: tuple[str, Backend]) -> None:
    """CVE-2026-33495: X-Forwarded-For is nobody's word unless a trusted proxy's."""
    async with running(*backend, limits="on", limit_sign_in=3) as front:
        statuses = []
        for number in range(5):
            headers = {"X-Forwarded-For": f"198.51.100.{number}", "X-Client-Address": f"198.51.100.{number}"}
            statuses.append((await front.http.post("/api/auth/login", json={}, headers=headers)).status_code)
        assert statuses[-1] == 429


async def test_behind_a_trusted_proxy_each_client_is_one(backend: tuple[str, Backend]) -> None:
    async with running(*backend, limits="on", limit_sign_in=1, trusted_proxies="127.0.0.0/8") as front:
        for number in range(5):
            headers = {"X-Forwarded-For": f"evil, 198.51.100.{number}"}
            assert (await front.http.post("/api/auth/login", json={}, headers=headers)).status_code == 200
            assert front.backend.seen[-1]["headers"].count(("x-client-address", f"198.51.100.{number}")) == 1


async def test_a_person_has_one_allowance_whatever_they_claim_and_others_theirs(backend: tuple[str, Backend]) -> None:
    async with running(*backend, limits="on", limit_account_ordinary=2) as front:
        await front.until(front.is_ready)
        somebody = str(new_id())
        statuses = [
            (await front.http.get("/api/users", headers=front.bearer(sub=somebody))).status_code for _ in range(3)
        ]
        assert statuses == [200, 200, 429]
        other = await front.http.get("/api/users", headers=front.bearer())
        assert other.status_code == 200
        assert other.headers["ratelimit"].startswith('"account-ordinary";r=1;')


async def test_a_key_has_one_allowance_and_its_maker_another(backend: tuple[str, Backend]) -> None:
    async with running(*backend, limits="on", limit_key_ordinary=2) as front:
        await front.until(front.is_ready)
        key, tenant = ApiKey.new(new_id()), str(new_id())
        holder = {"key_id": str(key.id), "tenant_id": tenant, "role": "hr", "permissions": ["users:read"]}
        front.backend.key_holder = holder | {"expires_at": None}
        answers = [
            await front.http.get("/api/users", headers={"Authorization": f"Bearer {key.text}"}) for _ in range(3)
        ]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[0].headers["ratelimit"].startswith('"key-ordinary";r=1;')
        assert (await front.http.get("/api/users", headers=front.bearer(tenant_id=tenant))).status_code == 200


async def test_forged_tokens_are_counted_before_they_are_looked_at(backend: tuple[str, Backend]) -> None:
    async with running(*backend, limits="on", limit_ordinary=3) as front:
        await front.until(front.is_ready)
        forged = {"Authorization": f"Bearer {Issuer(kid=front.backend.issuer.kid).token()}"}
        answers = [await front.http.get("/api/users", headers=forged) for _ in range(5)]
        assert [answer.status_code for answer in answers] == [401, 401, 401, 429, 429]
        left = [answer.headers["ratelimit"].partition(";t=")[0] for answer in answers]
        assert left == [f'"ordinary";r={number}' for number in (2, 1, 0, 0, 0)]


async def test_who_may_not_is_told_how_often_they_may_ask(backend: tuple[str, Backend]) -> None:
    async with running(*backend, limits="on", limit_ordinary=3) as front:
        await front.until(front.is_ready)
        member = front.bearer(Role.MEMBER)
        answers = [await front.http.post("/api/invitations", headers=member, json={}) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [403, 403, 403, 429]
        assert answers[0].headers["ratelimit"].startswith('"ordinary";r=2;')


async def test_a_whole_file_is_taken_from_another_allowance_than_a_page(backend: tuple[str, Backend]) -> None:
    async with running(*backend, limits="on", limit_account_bulk=1) as front:
        await front.until(front.is_ready)
        admin, statuses = front.bearer(), []
        for form in (
            *("text/csv", "application/json", "text/html, APPLICATION/X-NDJSON;q=0.5", "*/*"),
            *("text/*", "application/*, application/json;q=0.1", "*/*, application/json;q=0"),  # files without a name
            "application/json, text/csv;q=0.5",
        ):
            answer = await front.http.get("/api/audit", headers=admin | {"Accept": form})
            statuses.append(answer.status_code)
        assert statuses == [200, 200, 429, 200, 429, 429, 429, 200]


async def test_probes_are_never_limited(backend: tuple[str, Backend]) -> None:
    async with running(*backend, limits="on", limit_ordinary=1) as front:
        assert {(await front.http.get("/health")).status_code for _ in range(50)} == {200}
