"""Which headers pass; CVE-2024-45410, CVE-2026-29054, CVE-2025-64484, CVE-2026-33495."""

import pytest

from gateway.headers import HOP_BY_HOP, MOST_NAMES, HarmlessNames, refresh_cookie, to_client, to_service

OURS = [(b"x-caller-context", b"signed by us"), (b"x-client-address", b"192.0.2.1")]


def passed(*headers: tuple[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    """What is left of a client's headers."""
    sent = to_service(headers, OURS)
    assert sent[-len(OURS) :] == OURS
    return sent[: -len(OURS)]


@pytest.mark.parametrize(
    "name",
    [
        b"x-caller-context",
        b"x_caller_context",
        b"x.caller.context",
        b"x-caller_context",
        b"x--caller-context",
        b"-x-caller-context",
        b"x-caller-context-",
        b"x-tenant-id",
        b"x_tenant_id",
        b"x.tenant.id",
        b"x-tenant.id",
        b"x-tenant",
        b"x-tenant-slug",
        b"x-user-id",
        b"x_user_id",
        b"x-user-role",
        b"x-user",
        b"x-client-address",
        b"x_client_address",
        b"x-client-ip",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-forwarded-proto",
        b"x-forwarded-prefix",
        b"x-forwarded-anything",
        b"x_forwarded_for",
        b"x.forwarded.for",
        b"forwarded",
        b"x-real-ip",
        b"true-client-ip",
        b"x-original-url",
        b"x-rewrite-url",
        b"x-http-method-override",
        b"x-request-id",
        b"traceparent",
        b"tracestate",
        b"baggage",
        b"authorization",
        b"cookie",
        b"host",
        b"content-length",
        b"content_length",
        b"transfer_encoding",
        b"expect",
        b"x!tenant!id",
        b"x|tenant|id",
        b"x'tenant'id",
        b"x" * 65,
    ],
)
def test_who_somebody_is_and_where_from_is_said_by_us_alone(name: bytes) -> None:
    assert passed((name, b"forged"), (name, b"forged again"), (b"accept", b"*/*")) == [(b"accept", b"*/*")]


def test_no_name_passes_under_which_other_software_reads_who_calls_and_what_for() -> None:
    people = b"x-email remote-user x-remote-user x-auth-request-email x-org-id x-role user-id userid tenant-id tenantid"
    proxies = (
        b"x-authenticated-user x-webauth-user x-amzn-oidc-data x-goog-authenticated-user-email x-ms-client-principal "
        b"cf-access-jwt-assertion"
    )
    addresses = b"via cf-connecting-ip client-ip fastly-client-ip x-cluster-client-ip"
    routing = b"x-http-method x-method-override x-http-destinationurl"
    for name in b" ".join((people, proxies, addresses, routing)).split():
        assert passed((name, b"forged")) == [], name


@pytest.mark.parametrize("name", sorted(HOP_BY_HOP))
def test_what_belongs_to_the_connection_stays_on_it(name: bytes) -> None:
    assert passed((name, b"x")) == []
    assert to_client([(name, b"x")]) == []


@pytest.mark.parametrize(
    "connection",
    [
        b"x-caller-context",
        b"X-Caller-Context, close",
        b"close,x-client-address ,x-caller-context",
        b"\tX-CALLER-CONTEXT",
    ],
)
def test_naming_our_headers_in_connection_takes_none_of_them_away(connection: bytes) -> None:
    """CVE-2024-45410, CVE-2026-29054."""
    assert passed((b"connection", connection), (b"accept", b"*/*")) == [(b"accept", b"*/*")]


def test_what_connection_names_ends_here() -> None:
    headers = ((b"connection", b"close, X-Hop"), (b"connection", b"x-hop-2"), (b"x-hop", b"1"), (b"x-hop-2", b"2"))
    assert passed(*headers) == []
    assert to_client(headers) == []


def test_the_rest_passes_unchanged_and_in_order() -> None:
    rest = ((b"content-type", b"text/csv"), (b"accept", b"a"), (b"accept", b"b"), (b"idempotency-key", b"k1"))
    assert passed(*rest) == list(rest)


def test_a_service_sets_no_cookies_and_says_nothing_of_itself() -> None:
    kept = [(b"content-type", b"application/json"), (b"etag", b"1"), (b"retry-after", b"2")]
    told = [(b"set-cookie", b"a=b"), (b"server", b"x"), (b"date", b"x"), (b"x-powered-by", b"x"), *kept]
    assert to_client(told) == kept


def test_a_service_says_nothing_of_origins_limits_and_the_request_that_the_gateway_says() -> None:
    origins = b"allow-origin allow-credentials expose-headers allow-methods allow-headers max-age".split()
    names = [b"access-control-" + name for name in origins] + b"x-request-id via ratelimit ratelimit-policy".split()
    assert to_client([(name, b"x") for name in names]) == []


def test_of_all_cookies_only_ours_reaches_a_service() -> None:
    received = [(b"cookie", b"theme=dark; sparknode-refresh=a; x-sparknode-refresh=b"), (b"cookie", b"id=1")]
    assert refresh_cookie(received) == [(b"cookie", b"sparknode-refresh=a")]
    assert refresh_cookie([(b"cookie", b"theme=dark")]) == []
    assert refresh_cookie([]) == []


def test_of_all_cookies_only_ours_reaches_a_client_and_only_where_a_route_says_so() -> None:
    received = [(b"set-cookie", b"__Secure-sparknode-refresh=a; HttpOnly"), (b"set-cookie", b"id=1")]
    assert to_client(received) == []
    assert to_client(received, cookie=True) == received[:1]


def test_no_flood_of_names_fills_the_memory_nor_changes_what_passes() -> None:
    names = HarmlessNames()
    for number in range(3 * MOST_NAMES):
        assert names[b"x-harmless-%d" % number]
        assert not names[b"x-tenant-%d" % number]
        assert not names[b"x-" + b"harmless" * 8 + b"%d" % number]
        assert len(names) <= MOST_NAMES
