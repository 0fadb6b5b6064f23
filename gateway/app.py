"""Puts the gateway together: settings in, a gateway out that is ready to run."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial

from starlette.applications import Starlette
from starlette.types import ASGIApp

from gateway.authenticate.access_token import AccessTokenVerifier
from gateway.authenticate.api_keys import API_KEY_CHECK_PATH, ApiKeys, KeyAnswer
from gateway.authenticate.authenticator import Authenticator
from gateway.authenticate.key_set import KEY_SET_PATH, KeyDocument, KeySet
from gateway.contexts import Contexts
from gateway.cors import Cors
from gateway.forward import Forwarder
from gateway.front import Front
from gateway.health import DatabaseHealth, health
from gateway.inquiry import Inquiry
from gateway.limits.client_address import ClientAddresses
from gateway.limits.connections import Connections
from gateway.limits.overload import Gate
from gateway.limits.rates import Limits
from gateway.matching import Matcher
from gateway.metrics import BREAKER_OPEN, UPSTREAM_CONNECTIONS
from gateway.openapi.document import OpenApi
from gateway.pages.docs import Docs
from gateway.pages.mailbox import Mailbox
from gateway.pipeline import OwnHandler, Pipeline
from gateway.revocations.feed import REVOCATIONS_PATH, RevocationDocument, RevocationListener, RevocationReload
from gateway.revocations.memory import Revocations
from gateway.routes import AUTH, GATEWAY, MAILBOX, METRICS, ROUTES, SERVICES
from gateway.rule import Rule
from gateway.secure_headers import SecureHeaders
from gateway.settings import GatewaySettings
from gateway.upstream import Upstream
from shared.clock import Clock, seconds_of, utc_now
from shared.contracts.api_keys import ApiKey
from shared.contracts.caller import ContextSigner
from shared.http.access_log import AccessLog
from shared.http.health import health_routes
from shared.http.peer import PeerClient
from shared.http.tls import usual_authorities
from shared.messaging.backbone import Worker
from shared.messaging.rabbitmq import RabbitMQ, Topology
from shared.messaging.transport import Listener


@dataclass(frozen=True, slots=True)
class Gateway:
    """The gateway, built; who runs it closes it.

    ``app`` goes on the public port, with room for ``connections``; ``operations`` (health and metrics) on a port that
    only operators reach.
    Run ``workers``; where there is no broker, subscribe ``listener`` to the transport.
    """

    app: ASGIApp
    operations: ASGIApp
    listener: Listener
    workers: tuple[Worker, ...]
    connections: Connections
    closers: tuple[Callable[[], Awaitable[None]], ...]

    async def close(self) -> None:
        """Close all connections to the services."""
        for close in self.closers:
            await close()


async def build(settings: GatewaySettings, clock: Clock = utc_now, *, fed_by_events: bool = False) -> Gateway:
    """A gateway with these settings, which listens at the broker that they name.

    ``fed_by_events``: whether ``listener`` will be subscribed to a transport within this process instead.
    """
    signer = ContextSigner(settings.caller_signing_key.get_secret_value(), GATEWAY, clock)
    auth = PeerClient(AUTH, settings.auth_url, signer)
    tls = usual_authorities()
    inquiry = Inquiry(settings.service_urls, tls)
    upstreams = {service: Upstream(url, tls) for service, url in settings.service_urls.items()}
    _show(upstreams)
    keys = KeySet(partial(auth.get, KEY_SET_PATH, KeyDocument))
    revocations = Revocations(clock)
    reload = RevocationReload(revocations, partial(auth.get, REVOCATIONS_PATH, RevocationDocument), fed_by_events)
    api_keys = ApiKeys(partial(_ask_about_key, auth), clock)
    listener = RevocationListener(revocations, api_keys)
    broker = _broker(settings)
    consumers = (broker.own_consumer(listener, reload.fed),) if broker else ()
    health_checks = health_routes(
        {"key_set": keys.ready, "revocations": reload.ready}, beside={"broker": reload.hears} if broker else {}
    )
    own = {route.path: route.endpoint for route in health_checks} | _own_handlers(settings, inquiry)
    gate = Gate(SERVICES, settings.max_requests, settings.max_requests_per_service)
    pipeline = Pipeline(
        Matcher(surface(settings)),
        Authenticator(AccessTokenVerifier(keys, settings.public_url), api_keys, seconds_of(clock)),
        revocations,
        ClientAddresses(settings.trusted_networks, settings.proxy_header),
        Limits(settings.allowances),
        Cors(settings.origins),
        gate,
        own,
        Forwarder(upstreams, Contexts(signer), gate),
    )
    return Gateway(
        Front(pipeline, SecureHeaders(https_only=settings.in_production), AccessLog(settings.access_log_per_second)),
        Starlette(routes=health_checks),
        listener,
        (keys, reload, *consumers),
        Connections(settings.max_connections, settings.max_connections_of_one, settings.trusted_networks),
        (
            *([broker.close] if broker else []),
            auth.close,
            inquiry.close,
            *(upstream.close for upstream in upstreams.values()),
        ),
    )


async def _ask_about_key(auth: PeerClient, key: ApiKey) -> KeyAnswer:
    """The key itself stays here: its hash is all that auth knows of it anyway."""
    return await auth.post(API_KEY_CHECK_PATH, {"key_id": str(key.id), "hash": key.hash.hex()}, KeyAnswer)


def _broker(settings: GatewaySettings) -> RabbitMQ | None:
    """The broker, where a gateway makes nothing but a queue of its own."""
    return RabbitMQ(settings.amqp_url.get_secret_value(), GATEWAY, Topology({})) if settings.amqp_url else None


def surface(settings: GatewaySettings) -> tuple[Rule, ...]:
    """Every route of an installation with these settings."""
    metrics = () if settings.in_production else METRICS
    return (*ROUTES, *metrics, *(MAILBOX if settings.mailbox else ()))


def _show(upstreams: Mapping[str, Upstream]) -> None:
    """Let the metrics look at each service's connections and breaker when they are asked for."""

    def show(service: str, upstream: Upstream) -> None:
        UPSTREAM_CONNECTIONS.labels(service).set_function(lambda: upstream.connections)
        BREAKER_OPEN.labels(service).set_function(lambda: upstream.breaker.is_open)

    for service, upstream in upstreams.items():
        show(service, upstream)


def _own_handlers(settings: GatewaySettings, inquiry: Inquiry) -> dict[str, OwnHandler]:
    openapi = OpenApi(inquiry, settings.public_url)
    handlers: dict[str, OwnHandler] = {
        "/health": health,
        "/api/health/db": DatabaseHealth(inquiry),
        "/openapi.json": openapi,
        "/docs": Docs(openapi),
    }
    if settings.mailbox:
        mailbox = Mailbox(settings.mailbox)
        handlers |= {"/dev/mailbox": mailbox.as_page, "/dev/mailbox.json": mailbox.as_json}
    return handlers
