"""Every deployable stands alone: importing all of it brings in nothing of another, and needs nothing."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = sorted(f"services.{path.parent.name}" for path in ROOT.glob("services/*/__init__.py"))
DEPLOYABLES = [*SERVICES, "gateway"]

# Migration scripts are no modules: Alembic runs them.
_IMPORT_ALL = """
import importlib, json, pkgutil, sys

def walk(name):
    package = importlib.import_module(name)
    for module in pkgutil.iter_modules(package.__path__, name + "."):
        if not module.name.endswith(".migrations"):
            walk(module.name) if module.ispkg else importlib.import_module(module.name)

walk(sys.argv[1])
print(json.dumps(sorted(sys.modules)))
"""


@cache
def imported_with(package: str) -> set[str]:
    """All modules that a fresh interpreter has after importing all of ``package``, with an empty environment."""
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT_ALL, package],
        cwd=ROOT,
        env={},
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


def within(modules: set[str], package: str) -> set[str]:
    """Those of ``modules`` that are ``package`` or inside it."""
    return {module for module in modules if module == package or module.startswith(f"{package}.")}


@pytest.mark.parametrize("package", DEPLOYABLES)
def test_a_deployable_loads_nothing_of_another(package: str) -> None:
    modules = imported_with(package)
    assert within(modules, package)
    for other in {*DEPLOYABLES, "cli", "tests"} - {package}:
        assert not within(modules, other)


@pytest.mark.parametrize("package", DEPLOYABLES)
def test_only_who_migrates_loads_alembic(package: str) -> None:
    for slow in ("alembic", "sqlalchemy"):
        assert not within(imported_with(package), slow)


def test_shared_loads_nothing_of_ours() -> None:
    modules = imported_with("shared")
    for ours in ("services", "gateway", "cli", "tests"):
        assert not within(modules, ours)
