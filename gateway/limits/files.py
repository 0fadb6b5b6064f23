"""How many files the process may have open: each connection is one."""

import resource

import structlog

OTHER_FILES = 1000
"""Beside those of clients: connections to the services, the broker, and what Python has open."""

log = structlog.get_logger(__name__)


def make_room(connections: int) -> None:
    """Ask the system for as many files as connections may be open, which is often more than it gives unasked."""
    wanted = connections + OTHER_FILES
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    if allowed > now != resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, most))
    if allowed < wanted:
        log.warning("too few files", reason="MAX_CONNECTIONS is more than `ulimit -Hn` allows", allowed=allowed)
