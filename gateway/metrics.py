"""What the gateway counts, beside its refusals (``problems.py``) and the requests (``shared/http/observe.py``)."""

from prometheus_client import Counter, Gauge, Histogram

IN_HAND = Gauge("requests_in_hand", "Requests that were let in and are not answered yet", ["upstream"])
OVERLOADED = Counter("requests_overloaded_total", "Requests refused because too many were in hand", ["upstream"])

CONNECTIONS = Gauge("client_connections", "Open connections of clients")
CONNECTIONS_REFUSED = Counter(
    "client_connections_refused_total",
    "Connections closed at once: there were too many of `all`, or of strangers from one `address`",
    ["reason"],
)

UPSTREAM_SECONDS = Histogram(
    "upstream_seconds",
    "Time from passing a request on to the head of its answer",
    ["upstream"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
UPSTREAM_FAILURES = Counter("upstream_failures_total", "Requests that a service did not answer", ["upstream"])
UPSTREAM_CONNECTIONS = Gauge("upstream_connections", "Connections to a service, at work and idle", ["upstream"])
BREAKER_OPEN = Gauge("upstream_breaker_open", "1 while a service is left alone because it did not answer", ["upstream"])
