"""``python -m gateway serve``"""

from socket import socket

import structlog
from starlette.types import ASGIApp

from gateway.app import build
from gateway.limits.connections import Connections
from gateway.limits.files import make_room
from gateway.routes import GATEWAY
from gateway.server import serve
from gateway.settings import GatewaySettings
from shared.command_line import PortVariable, command_line
from shared.http.server import listen
from shared.logs import configure_logs
from shared.process import run, run_until_stopped, spare_the_collector
from shared.settings import load

Door = tuple[ASGIApp, socket, Connections | None]

cli = command_line("The gateway: the one address that clients see.")

log = structlog.get_logger(__name__)


@cli.command(name="serve")
def serve_command(port_variable: PortVariable = "PORT") -> None:
    """Answer requests until SIGTERM or Ctrl-C."""
    run(lambda: _serve(port_variable))


async def _serve(port_variable: str) -> None:
    settings = load(GatewaySettings)
    configure_logs(GATEWAY, level=settings.log_level, style=settings.log_format)
    gateway = await build(settings)
    spare_the_collector()
    try:
        make_room(settings.max_connections)
        public = listen(settings.host, settings.port, variable=port_variable)
        doors: list[Door] = [(gateway.app, public, gateway.connections)]
        if settings.metrics_port is not None:
            private = listen(settings.host, settings.metrics_port, variable="METRICS_PORT")
            doors.append((gateway.operations, private, None))
        elif settings.in_production:
            log.warning("no metrics", reason="METRICS_PORT is not set, and the public port does not tell them")
        log.info("listening", host=settings.host, ports=[door.getsockname()[1] for _, door, _ in doors])
        workers = (worker.run() for worker in gateway.workers)
        await run_until_stopped(*workers, *(serve(*door) for door in doors))
    finally:
        await gateway.close()


if __name__ == "__main__":
    cli()
