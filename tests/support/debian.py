"""Programs that the tests start for themselves: Debian's packages, installed where that is allowed, and not started."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_POLICY = Path("/usr/sbin/policy-rc.d")


def may_install() -> bool:
    """Whether we are root on Debian or one of its kind."""
    return os.geteuid() == 0 and Path("/etc/debian_version").exists() and shutil.which("apt-get") is not None


def install(*packages: str) -> None:
    """Install Debian's packages; ``CalledProcessError`` when that does not work."""
    with _no_service_starts():
        for command in (["update"], ["install", "--no-install-recommends", "-y", *packages]):
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
