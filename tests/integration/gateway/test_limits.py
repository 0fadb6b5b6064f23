"""Limits per address, over the wire."""

from tests.integration.gateway.backend import Backend
from tests.integration.gateway.front import running


async def test_beyond_the_allowance_it_is_429_with_a_time_to_come_back(backend: tuple[str, Backend]) -> None:
    async with running(*backend, limits="on", limit_sign_in=3) as front:
        answers = [await front.http.post("/api/auth/login", json={}) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert answers[-1].json()["code"] == "rate_limited"
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 20
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


async def test_probes_are_never_limited(backend: tuple[str, Backend]) -> None:
    async with running(*backend, limits="on", limit_ordinary=1) as front:
        assert {(await front.http.get("/health")).status_code for _ in range(50)} == {200}
