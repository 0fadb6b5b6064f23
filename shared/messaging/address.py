"""The address of the broker, AMQP_URL: what it may look like."""

from urllib.parse import parse_qs, urlsplit

from shared.addresses import taken_apart


def check_address(url: str) -> None:
    """``ValueError`` unless ``url`` is the address of a broker."""
    parts = taken_apart(url)
    if parts.scheme not in {"amqp", "amqps"} or not parts.hostname:
        raise ValueError("write it as amqp://user:password@host:5672/vhost, or with amqps:// for TLS")


def check_production_address(url: str | None) -> None:
    """``ValueError`` unless ``url`` is fit for production: there, with an account of its own, and verified."""
    if url is None:
        raise ValueError("production needs a broker; give the address of RabbitMQ.")
    parts = urlsplit(url)
    if parts.username in {None, "guest"}:
        raise ValueError("production needs an account of its own at the broker, and not `guest`.")
    if parse_qs(parts.query).get("no_verify_ssl", ["0"]) != ["0"]:
        raise ValueError("production verifies the broker's certificate; take no_verify_ssl out.")
