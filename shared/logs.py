"""Log lines: JSON for machines, colours for eyes, and never a secret."""

import logging
import sys
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any, TextIO

import structlog

_SECRET_WORDS = ("password", "token", "secret", "authorization", "cookie", "key")
_NOT_SECRET = ("key_id", "token_type", "idempotency_key")


def configure_logs(service: str, *, level: str, style: str, stream: TextIO | None = None) -> None:
    """Send structured lines of this process to ``stream``, each with ``service`` and what is bound to the context.

    Without ``stream`` that is standard error. Members named like secrets are blanked, whatever they hold; exceptions
    are shown without local variables.
    """
    stream = stream or sys.stderr
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _named(service),
        _blank_secrets,
    ]
    renderer: list[Any] = (
        [structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback)]
        if style == "console"
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(default=str)]
    )
    structlog.configure(
        processors=[*shared, *renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    # It tells each loss of the broker as an error with a traceback; the connection says it in a line.
    logging.getLogger("aiormq").setLevel(logging.CRITICAL)


def _named(service: str) -> structlog.types.Processor:
    def add(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        line.setdefault("service", service)
        return line

    return add


def _blank_secrets(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name in line:
        if _is_secret(name):
            line[name] = "…"
    return line


@lru_cache(maxsize=1024)
def _is_secret(name: str) -> bool:
    lowered = name.lower()
    return lowered not in _NOT_SECRET and any(word in lowered for word in _SECRET_WORDS)
