"""Whom our clients of HTTP trust."""

import ssl
from functools import cache

import httpx


@cache
def usual_authorities() -> ssl.SSLContext:
    """The certificate authorities that browsers trust. Read once in a process: it takes as long as many requests."""
    return httpx.create_ssl_context(trust_env=False)
