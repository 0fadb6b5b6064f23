"""The four proxies, each set up for the same: check the token by ES256, tell the service who calls, pass on."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.contracts import access_token
from tests.benchmarks.gateway.process import FIRST_CORE, Running, free_port, running
from tests.benchmarks.gateway.programs import found
from tests.support.access_tokens import ISSUER, Issuer
from tests.support.callers import SIGNING_KEY

CLAIMS = {"x-user-id": "sub", "x-tenant-id": "tenant_id", "x-role": "role"}
REMEMBERED_TOKENS = 10_000
"""As many as the gateway remembers."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Between whom a proxy stands, and where it may leave its files."""

    service: int
    issuer: Issuer
    folder: Path


Proxy = Callable[[Setting], AbstractContextManager[Running]]


@contextmanager
def gateway(setting: Setting) -> Iterator[Running]:
    """Ours, as an operator runs it; without a log line per request, which the others do not write either."""
    port = free_port()
    service = f"http://127.0.0.1:{setting.service}"
    environment = {
        "PORT": str(port),
        "ENVIRONMENT": "test",
        "LIMITS": "off",
        "LOG_LEVEL": "warning",
        "PUBLIC_URL": ISSUER,
        "CALLER_SIGNING_KEY": SIGNING_KEY,
        "AMQP_URL": "",
        **dict.fromkeys(("AUTH_URL", "TENANTS_URL", "INVITATIONS_URL"), service),
    }
    command = [sys.executable, "-m", "gateway", "serve"]
    log = setting.folder / "gateway.log"
    with running(command, port, log, core=FIRST_CORE, environment=environment) as proxy:
        yield proxy


@contextmanager
def naive(setting: Setting) -> Iterator[Running]:
    """What one writes in an afternoon."""
    port = free_port()
    pem = setting.folder / "public.pem"
    pem.write_bytes(setting.issuer.public_pem)
    arguments = [str(port), f"http://127.0.0.1:{setting.service}", str(pem)]
    command = [sys.executable, "-m", "tests.benchmarks.gateway.naive", *arguments]
    with running(command, port, setting.folder / "naive.log", core=FIRST_CORE) as proxy:
        yield proxy


_HAPROXY = """
global
    nbthread 1
    tune.bufsize 32768
defaults
    mode http
    timeout connect 2s
    timeout client 30s
    timeout server 30s
    http-reuse always
frontend front
    bind 127.0.0.1:{port}
    http-request set-var(txn.bearer) http_auth_bearer
    http-request deny deny_status 401 unless {{ var(txn.bearer) -m found }}
    http-request set-var(txn.alg) var(txn.bearer),jwt_header_query('$.alg')
    http-request deny deny_status 401 unless {{ var(txn.alg) -m str {algorithm} }}
    http-request deny deny_status 401 unless {{ var(txn.bearer),jwt_header_query('$.typ') -m str {type} }}
    http-request deny deny_status 401 unless {{ var(txn.bearer),jwt_verify(txn.alg,"{pem}") 1 }}
    http-request deny deny_status 401 unless {{ var(txn.bearer),jwt_payload_query('$.iss') -m str {issuer} }}
    http-request deny deny_status 401 unless {{ var(txn.bearer),jwt_payload_query('$.aud') -m str {audience} }}
    http-request set-var(txn.now) date()
    http-request set-var(txn.left) var(txn.bearer),jwt_payload_query('$.exp','int'),sub(txn.now)
    http-request deny deny_status 401 unless {{ var(txn.left) -m int gt 0 }}
{claims}
    http-request del-header authorization
    default_backend service
backend service
    server one 127.0.0.1:{service}
"""


@contextmanager
def haproxy(setting: Setting) -> Iterator[Running]:
    """One thread; it remembers no token, and checks each time."""
    port = free_port()
    pem = setting.folder / "public.pem"
    pem.write_bytes(setting.issuer.public_pem)
    claims = "\n".join(
        f"    http-request set-header {header} %[var(txn.bearer),jwt_payload_query('$.{claim}')]"
        for header, claim in CLAIMS.items()
    )
    configuration = setting.folder / "haproxy.cfg"
    configuration.write_text(
        _HAPROXY.format(
            port=port,
            service=setting.service,
            pem=pem,
            claims=claims,
            issuer=ISSUER,
            audience=access_token.AUDIENCE,
            algorithm=access_token.ALGORITHM,
            type=access_token.TYPE,
        )
    )
    command = [found("haproxy") or "", "-db", "-f", str(configuration)]
    with running(command, port, setting.folder / "haproxy.log", core=FIRST_CORE) as proxy:
        yield proxy


_EXTENSIONS = "type.googleapis.com/envoy.extensions.filters"


@contextmanager
def envoy(setting: Setting) -> Iterator[Running]:
    """One worker, and a memory of tokens as large as ours."""
    port = free_port()
    configuration = setting.folder / "envoy.json"
    configuration.write_text(json.dumps(_envoy(port, setting)))
    command = [found("envoy") or "", "--concurrency", "1", "-c", str(configuration), "-l", "error"]
    with running([*command, "--disable-hot-restart"], port, setting.folder / "envoy.log", core=FIRST_CORE) as proxy:
        yield proxy


def _envoy(port: int, setting: Setting) -> dict[str, Any]:
    keys = json.dumps({"keys": [setting.issuer.public_jwk]})
    provider = {
        "issuer": ISSUER,
        "audiences": [access_token.AUDIENCE],
        "local_jwks": {"inline_string": keys},
        "jwt_cache_config": {"jwt_cache_size": REMEMBERED_TOKENS},
        "claim_to_headers": [{"header_name": header, "claim_name": claim} for header, claim in CLAIMS.items()],
    }
    tokens = {
        "@type": f"{_EXTENSIONS}.http.jwt_authn.v3.JwtAuthentication",
        "providers": {"auth": provider},
        "rules": [{"match": {"prefix": "/"}, "requires": {"provider_name": "auth"}}],
    }
    router = {"@type": f"{_EXTENSIONS}.http.router.v3.Router"}
    manager = {
        "@type": f"{_EXTENSIONS}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "front",
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "all",
                    "domains": ["*"],
                    "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "service"}}],
                }
            ]
        },
        "http_filters": [
            {"name": "envoy.filters.http.jwt_authn", "typed_config": tokens},
            {"name": "envoy.filters.http.router", "typed_config": router},
        ],
    }
    chain = {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
    listener = {"name": "front", "address": _address(port), "filter_chains": [chain]}
    endpoint = {"endpoint": {"address": _address(setting.service)}}
    cluster = {
        "name": "service",
        "type": "STATIC",
        "connect_timeout": "2s",
        "load_assignment": {"cluster_name": "service", "endpoints": [{"lb_endpoints": [endpoint]}]},
    }
    return {"static_resources": {"listeners": [listener], "clusters": [cluster]}}


def _address(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}
