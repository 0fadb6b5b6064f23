"""What Prometheus is told about events."""

from prometheus_client import Counter, Gauge, Histogram

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)

OUTBOX_AGE = Gauge("outbox_age_seconds", "Age of the oldest event that waits to be published", ["service"])
OUTBOX_DEPTH = Gauge("outbox_depth", "Events that wait to be published", ["service"])
PUBLISHED = Counter("outbox_published_total", "Events that are safe with the transport", ["service"])
PUBLISH_SECONDS = Histogram(
    "events_publish_seconds", "Time until the transport has all of a batch", ["service"], buckets=_SECONDS
)
UNROUTABLE = Counter("events_unroutable_total", "Events that the broker had no queue for", ["type"])

HANDLED = Counter("events_handled_total", "Events that took effect, or had done so before", ["consumer"])
HANDLE_SECONDS = Histogram(
    "events_handle_seconds", "Time of a transaction that takes events in", ["consumer"], buckets=_SECONDS
)
DELAY_SECONDS = Histogram(
    "events_delay_seconds", "Time from a fact to its effect in another service", ["consumer"], buckets=_SECONDS
)
RETRIES = Counter("events_retried_total", "Events tried again", ["consumer", "type"])
DEAD_LETTERS = Counter("events_dead_lettered_total", "Events put aside", ["consumer", "type"])
DEAD_LETTER_DEPTH = Gauge("dead_letter_depth", "Events that are put aside and wait for an operator", ["consumer"])

LISTENING = Gauge("events_listening", "Whether this process has subscribed to its queue", ["consumer"])
BROKER_CONNECTED = Gauge("broker_connected", "Whether a connection to the broker is open", ["connection"])
