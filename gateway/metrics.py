"""What the gateway counts, beside its refusals (``problems.py``) and the requests (``shared/http/observe.py``)."""

from prometheus_client import Counter, Gauge

from shared.durations import Durations

IN_HAND = Gauge("requests_in_hand", "Requests that were let in and are not answered yet", ["upstream"])
OVERLOADED = Counter("requests_overloaded_total", "Requests refused because too many were in hand", ["upstream"])

CONNECTIONS = Gauge("client_connections", "Open connections of clients")
CONNECTIONS_REFUSED = Counter(
    "client_connections_refused_total",
    "Connections closed at once: there were too many of `all`, or of strangers from one `address`",
    ["reason"],
)

UPSTREAM_SECONDS = Durations(
    "upstream_seconds", "Time from passing a request on to the head of its answer", ("upstream",)
)
UPSTREAM_FAILURES = Counter("upstream_failures_total", "Requests that a service did not answer", ["upstream"])
UPSTREAM_CONNECTIONS = Gauge("upstream_connections", "Connections to a service, at work and idle", ["upstream"])
BREAKER_OPEN = Gauge("upstream_breaker_open", "1 while a service is left alone because it did not answer", ["upstream"])
