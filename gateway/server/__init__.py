"""The server: HTTP/1.1 from clients, to an ASGI app."""

from gateway.server.serve import serve as serve
