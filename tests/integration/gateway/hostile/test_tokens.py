"""Tokens that are wrong in one way each, and nothing else about them: 401 from a running gateway, never a service."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import jwt

from shared.clock import utc_now
from shared.contracts.caller import ContextSigner
from shared.contracts.tenancy import Role
from shared.ids import new_id, new_token
from tests.integration.gateway.backend import values
from tests.integration.gateway.front import PATIENCE_SECONDS, Front
from tests.support.access_tokens import DROPPED, Issuer, encoded, good_claims
from tests.support.callers import SIGNING_KEY, a_caller

PATH = "/api/users"


async def refuse(front: Front, tokens: Iterable[str]) -> None:
    """Every one of them is 401 ``invalid_token``; a good one on the same connection is let through afterwards."""
    credentials = [*(f"Bearer {token}" for token in tokens), front.bearer()["Authorization"]]
    heads = [f"GET {PATH} HTTP/1.1\r\nHost: a\r\nAuthorization: {value}\r\n" for value in credentials]
    replies = await front.raw(("\r\n".join(heads) + "Connection: close\r\n\r\n").encode("latin-1"), PATIENCE_SECONDS)
    *refused, passed = replies
    assert len(replies) == len(credentials)
    told = [(value, reply.status) for value, reply in zip(credentials, refused, strict=False) if reply.status != 401]
    assert told == []
    assert {json.loads(reply.body)["code"] for reply in refused} == {"invalid_token"}
    assert {reply.values("www-authenticate")[0] for reply in refused} == {"Bearer"}
    assert passed.status == 200
    assert len(front.backend.seen) == 1


async def test_the_public_key_is_no_shared_secret(front: Front) -> None:
    """CVE-2022-29217: HS256 signed with the bytes of the public key."""
    issuer = front.backend.issuer
    secrets = (issuer.public_pem, issuer.public_pem.strip(), json.dumps(issuer.public_jwk).encode(), b"")
    await refuse(
        front, (_signed_by_mac(issuer, alg, key) for alg, key in product(("HS256", "HS384", "HS512"), secrets))
    )


async def test_no_signature_is_no_signature(front: Front) -> None:
    """CVE-2022-29165: ``alg: none`` in all letter cases, and every other that is not ours."""
    issuer, spelt = front.backend.issuer, ("".join(letters) for letters in product("nN", "oO", "nN", "eE"))
    algorithms: list[Any] = [*spelt, "", None, 0, [], DROPPED, "ES384", "ES256K", "RS256", "PS256", "EdDSA", "es256"]
    tokens = [issuer.token({"alg": alg}) for alg in algorithms]
    await refuse(
        front, (token.rpartition(".")[0] + end for token in tokens for end in ("." + token[-86:], ".", "", ".AA"))
    )


async def test_an_extension_that_must_be_understood_is_not(front: Front) -> None:
    """CVE-2026-32597: unknown ``crit``."""
    critical: list[Any] = [["exp"], ["b64"], ["http://x"], [], "exp", None, 0, {"a": 1}]
    await refuse(front, (front.backend.issuer.token({"crit": crit, "exp": 1, "http://x": 1}) for crit in critical))


async def test_a_token_for_somebody_else_is_not_for_us(front: Front) -> None:
    """CVE-2023-22482: wrong, missing, array ``aud``; and another issuer's."""
    aud = good_claims()["aud"]
    audiences: list[Any] = [DROPPED, None, "", "other", aud.upper(), f"{aud} ", [aud], [aud, "x"], [], {}, 0, True]
    issuers: list[Any] = [
        DROPPED,
        None,
        "",
        "https://evil.example",
        "http://localhost:8000/",
        ["http://localhost:8000"],
    ]
    token = front.backend.issuer.token
    await refuse(front, [*(token(aud=value) for value in audiences), *(token(iss=value) for value in issuers)])


async def test_times_are_whole_numbers_and_none_is_missing(front: Front) -> None:
    """GHSA-wxg7-w2v3-w38g: no ``exp``, future ``iat`` and ``nbf``, NaN, strings."""
    issuer, now = front.backend.issuer, int(utc_now().timestamp())
    odd: list[Any] = [DROPPED, None, "", str(now), "never", True, [], {}, 0.5 + now, -1, 0, now - 1]
    tokens = [issuer.token(exp=value) for value in odd]
    tokens += [issuer.token(**{name: now + 3600}) for name in ("iat", "nbf")]
    tokens += [issuer.token(**{name: value}) for name in ("iat", "nbf") for value in odd[3:9]]
    for name, word in product(("exp", "iat", "nbf"), ("NaN", "Infinity", "-Infinity", "1e999")):
        payload = json.dumps(good_claims() | {name: "WORD"}).replace('"WORD"', word)
        tokens.append(issuer.signed(payload.encode()))
    await refuse(front, tokens)


async def test_no_other_token_of_ours_is_an_access_token(front: Front) -> None:
    """CVE-2023-48309: refresh, invite, reset, verify and context tokens as bearer; and every other ``typ``."""
    contexts = ContextSigner(SIGNING_KEY, "gateway", utc_now)
    ours = [
        contexts.for_caller(a_caller(new_id()), service) for service in ("auth", "tenants", "invitations", "sparknode")
    ]
    ours += [contexts.for_anonymous("auth"), contexts.for_peer("auth"), *(new_token() for _ in range(4))]
    types: list[Any] = [DROPPED, None, "", "JWT", "jwt", "ctx+jwt", "rt+jwt", "at", "AT+JWT ", ["at+jwt"], 0]
    await refuse(front, [*ours, *(front.backend.issuer.token({"typ": typ}) for typ in types)])


async def test_a_key_is_the_issuers_or_none(front: Front) -> None:
    """RFC 8725, section 3.10: neither a stranger's under a known name, nor one that the token brings along."""
    ours, stranger = front.backend.issuer, Issuer(kid=front.backend.issuer.kid)
    kids: list[Any] = [DROPPED, None, "", "unknown", "../../etc/passwd", "' OR 1=1 --", "\x00", 0, [], "K" * 1000]
    brought: list[dict[str, Any]] = [
        {"jwk": stranger.public_jwk},
        {"jku": "https://evil.example/jwks.json"},
        {"x5u": "https://evil.example"},
    ]
    await refuse(front, [*(ours.token({"kid": kid}) for kid in kids), *(stranger.token(header) for header in brought)])


async def test_a_remembered_token_lends_nothing_to_one_that_looks_like_it(front: Front) -> None:
    """CVE-2024-45624, CVE-2026-33496: what is remembered is that token, octet by octet, with its own tenant."""
    tenants, session, person = [str(new_id()), str(new_id())], str(new_id()), str(new_id())
    tokens = [front.bearer(Role.HR, tenant_id=tenant, sid=session, sub=person) for tenant in tenants]
    for _ in range(2):
        for tenant, bearer in zip(tenants, tokens, strict=True):
            await front.http.get(PATH, headers=bearer)
            caller = front.backend.seen[-1]["caller"]
            assert (caller["tenant_id"], caller["subject"], caller["role"]) == (tenant, person, "hr")
    foreign = await front.http.get(PATH, headers=tokens[0] | {"X-Tenant-ID": tenants[1]})
    assert (foreign.status_code, foreign.json()["code"]) == (403, "tenant_mismatch")
    front.backend.seen.clear()
    token = tokens[0]["Authorization"].removeprefix("Bearer ")
    places = range(0, len(token), 5)
    await refuse(
        front, [*(_changed(token, at) for at in places), token + "=", token + ".", token[:-1], token.swapcase()]
    )


async def test_a_remembered_token_dies_with_its_session(front: Front) -> None:
    """CVE-2026-33496: within the second in which the next list comes, however often it was let through."""
    session = str(new_id())
    bearer = front.bearer(sid=session)
    assert [(await front.http.get(PATH, headers=bearer)).status_code for _ in range(3)] == [200] * 3
    until = datetime.now(UTC) + timedelta(minutes=10)
    front.backend.revoked["sessions"].append({"id": session, "until": until.isoformat()})

    async def is_out() -> bool:
        return (await front.http.get(PATH, headers=bearer)).status_code == 401

    await front.until(is_out)


async def test_forged_context_headers_do_not_add_to_a_token(front: Front) -> None:
    """CVE-2024-8901, from outside: a real context of the gateway's, stolen, is no better than a forged one."""
    tenant, stolen = (
        str(new_id()),
        ContextSigner(SIGNING_KEY, "gateway", utc_now).for_caller(a_caller(new_id()), "auth"),
    )
    for value in (stolen, "forged"):
        bearer = ("Authorization", front.bearer(tenant_id=tenant)["Authorization"])
        assert (await front.get(PATH, bearer, ("X-Caller-Context", value))).status == 200
        assert front.backend.seen[-1]["caller"]["tenant_id"] == tenant
        assert len(values(front.backend.seen[-1], "x-caller-context")) == 1
        assert (await front.get(PATH, ("X-Caller-Context", value))).status == 401


def _signed_by_mac(issuer: Issuer, alg: str, key: bytes) -> str:
    head = encoded(json.dumps(issuer.header | {"alg": alg}).encode())
    signing_input = f"{head}.{encoded(json.dumps(good_claims()).encode())}"
    signature = jwt.algorithms.get_default_algorithms()[alg].sign(signing_input.encode(), key)
    return f"{signing_input}.{encoded(signature)}"


def _changed(token: str, at: int) -> str:
    """Another letter at this place; the last letter of a part could mean the same octets, so it is left alone."""
    if token[at] == "." or token[at + 1 : at + 2] in ("", "."):
        at -= 1
    return token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
