"""The service behind every proxy: nginx with answers that never change, much faster than what is measured."""

import getpass
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.gateway.process import SECOND_CORE, Running, free_port, running
from tests.support.access_tokens import Issuer

MEGABYTE = 1_000_000
SMALL_ANSWER = json.dumps({"user": {"id": "0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3", "email": "ada@company.com"}})

_CONFIGURATION = """
daemon off;
user {user};
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.error.log error;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    keepalive_timeout 300s;
    client_max_body_size 1m;
    client_body_buffer_size 64k;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    default_type application/json;
    sendfile on;
    tcp_nopush on;
    server {{
        listen 127.0.0.1:{port} backlog=2048;
        location / {{ return 200 '{small}'; }}
        location = /.well-known/jwks.json {{ return 200 '{keys}'; }}
        location = /internal/revocations {{ return 200 '{{"sessions":[],"tenants":[]}}'; }}
        location = /api/users {{ alias {folder}/megabyte; }}
    }}
}}
"""


@contextmanager
def upstream(nginx: str, issuer: Issuer, folder: Path) -> Iterator[Running]:
    """All three services in one, with ``issuer``'s key set; a megabyte at ``/api/users``, else something small."""
    port = free_port()
    keys = json.dumps({"keys": [issuer.public_jwk]})
    (folder / "megabyte").write_bytes(b"x" * MEGABYTE)
    configuration = folder / "nginx.conf"
    configuration.write_text(
        _CONFIGURATION.format(user=getpass.getuser(), folder=folder, port=port, small=SMALL_ANSWER, keys=keys)
    )
    command = [nginx, "-p", str(folder), "-c", str(configuration)]
    with running(command, port, folder / "nginx.log", core=SECOND_CORE) as service:
        yield service
