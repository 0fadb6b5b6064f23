"""Finds an installed RabbitMQ, or installs the package where that is allowed, without starting it."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Debian's programs on the PATH run as root or rabbitmq only; these, which they call, as anybody.
_OF_PACKAGES = Path("/usr/lib/rabbitmq/bin")
_POLICY = Path("/usr/sbin/policy-rc.d")

HOW_TO_GET_ONE = "Install rabbitmq-server, or name a broker: TEST_AMQP_URL=amqp://user:password@host:5672/vhost"


def programs() -> Path | None:
    """The folder with ``rabbitmq-server`` and ``rabbitmqctl``, if there is one."""
    found = shutil.which("rabbitmq-server", path=f"{_OF_PACKAGES}{os.pathsep}{os.environ.get('PATH', os.defpath)}")
    return Path(found).parent if found else None


def may_install() -> bool:
    """Whether we are root on Debian or one of its kind."""
    return os.geteuid() == 0 and Path("/etc/debian_version").exists() and shutil.which("apt-get") is not None


def install() -> None:
    """Install Debian's package; ``CalledProcessError`` when that does not work."""
    with _no_service_starts():
        for command in (["update"], ["install", "--no-install-recommends", "-y", "rabbitmq-server"]):
            subprocess.run(
                ["apt-get", "-qq", *command],  # noqa: S607 - where the system has it
                env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
                stdout=subprocess.DEVNULL,
                check=True,
            )


@contextmanager
def _no_service_starts() -> Iterator[None]:
    """Packages ask this file before they start what they bring (Debian Policy, section 9.3.3.2)."""
    if _POLICY.exists():
        yield
        return
    _POLICY.write_text("#!/bin/sh\nexit 101\n")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink()
