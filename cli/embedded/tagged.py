"""Puts a service's name on the log lines of its requests, where several services share one log."""

from starlette.types import ASGIApp, Receive, Scope, Send
from structlog.contextvars import bound_contextvars


class Tagged:
    """Pure ASGI; around the whole app of a service."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self.app = app
        self.service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with bound_contextvars(service=self.service):
            await self.app(scope, receive, send)
