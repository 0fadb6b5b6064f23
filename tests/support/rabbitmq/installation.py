"""Finds an installed RabbitMQ, or installs the package where that is allowed, without starting it."""

import os
import shutil
from pathlib import Path

from tests.support import debian

# Debian's programs on the PATH run as root or rabbitmq only; these, which they call, as anybody.
_OF_PACKAGES = Path("/usr/lib/rabbitmq/bin")

HOW_TO_GET_ONE = "Install rabbitmq-server, or name a broker: TEST_AMQP_URL=amqp://user:password@host:5672/vhost"


def programs() -> Path | None:
    """The folder with ``rabbitmq-server`` and ``rabbitmqctl``, if there is one."""
    found = shutil.which("rabbitmq-server", path=f"{_OF_PACKAGES}{os.pathsep}{os.environ.get('PATH', os.defpath)}")
    return Path(found).parent if found else None


def install() -> None:
    """Install Debian's package; ``CalledProcessError`` when that does not work."""
    debian.install("rabbitmq-server")
