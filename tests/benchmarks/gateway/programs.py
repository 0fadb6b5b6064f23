"""The programs that the comparison needs, where they are, and how to get them."""

import importlib.util
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from tests.support import debian

PACKAGES = {"wrk": "wrk", "nginx": "nginx-light", "haproxy": "haproxy"}
"""Debian's package for each program."""


@cache
def found(program: str) -> str | None:
    """Where it is; installed first where we are root on Debian. ``None``, and a word on it, where there is none."""
    where = _find(program)
    if where is None and program in PACKAGES and debian.may_install():
        _say(f"Installing {PACKAGES[program]}, which the comparison starts for itself ...")
        try:
            debian.install(PACKAGES[program])
        except subprocess.CalledProcessError as error:
            _say(f"That did not work: {error}.")
        where = _find(program)
    if where is None:
        _say(f"There is no {program} here; what needs it is left out.")
    return where


def _find(program: str) -> str | None:
    if program == "envoy":  # a wheel brings it
        package = importlib.util.find_spec("envoy")
        folders = list(package.submodule_search_locations or ()) if package else []
        return next((str(path) for folder in folders if (path := Path(folder, "_bin", "envoy")).exists()), None)
    return shutil.which(program, path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin")


def _say(sentence: str) -> None:
    sys.stderr.write(f"\n{sentence}\n")
