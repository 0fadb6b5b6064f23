"""Requests in the words of ASGI (specification 2.5)."""

from typing import Any, Protocol

from gateway.limits.connections import Place
from gateway.request import SAID
from gateway.server.head import Head
from gateway.server.refusals import REFUSAL
from shared.errors import Problem

PLACE = "place"
"""Under this name the state of a scope holds the place of its connection, if places are counted."""

_ASGI = {"version": "3.0", "spec_version": "2.5"}


class Ends(Protocol):
    """Between whom a connection is, addresses and ports, and the place that it takes."""

    client: tuple[str, int] | None
    server: tuple[str, int] | None
    place: Place | None


def request_scope(head: Head, connection: Ends) -> dict[str, Any]:
    """What an app is told of a request."""
    return {
        "type": "http",
        "asgi": _ASGI,
        "http_version": head.version,
        "method": head.method,
        "scheme": "http",
        "path": head.path.decode("latin-1"),
        "raw_path": head.path,
        "query_string": head.query,
        "root_path": "",
        "headers": head.headers,
        "client": connection.client,
        "server": connection.server,
        "state": {PLACE: connection.place, SAID: head.said},
    }


def refusal_scope(problem: Problem, connection: Ends) -> dict[str, Any]:
    """What an app is told of what could not be understood: only how to answer it."""
    head = Head("GET", "1.1", b"/", b"", [], keep_alive=False, expects_continue=False, said={})
    return request_scope(head, connection) | {"state": {REFUSAL: problem}}
