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

# Migration scripts are no modules: Alembic runs them. All may import all of shared, and so each begins with that.
_IMPORT_ALL = """
import importlib, json, os, pkgutil, sys

def walk(name):
    package = importlib.import_module(name)
    for module in pkgutil.iter_modules(package.__path__, name + "."):
        if not module.name.endswith(".migrations"):
            walk(module.name) if module.ispkg else importlib.import_module(module.name)

def tell(name):
    walk(name)
    print(json.dumps([name, sorted(sys.modules)]), flush=True)

tell("shared")
for name in sys.argv[1:]:
    if os.fork() == 0:
        tell(name)
        sys.exit()
    if os.wait()[1]:
        sys.exit(name + " cannot be imported alone")
"""


@cache
def imported() -> dict[str, set[str]]:
    """All modules that a fresh interpreter with an empty environment has after importing all of a package, for each."""
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT_ALL, *DEPLOYABLES],
        cwd=ROOT,
        env={},
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    return {package: set(modules) for package, modules in told}


def within(modules: set[str], package: str) -> set[str]:
    """Those of ``modules`` that are ``package`` or inside it."""
    return {module for module in modules if module == package or module.startswith(f"{package}.")}


@pytest.mark.parametrize("package", DEPLOYABLES)
def test_a_deployable_loads_nothing_of_another(package: str) -> None:
    modules = imported()[package]
    assert within(modules, package)
    for other in {*DEPLOYABLES, "cli", "tests"} - {package}:
        assert not within(modules, other)


@pytest.mark.parametrize("package", DEPLOYABLES)
def test_only_who_migrates_loads_alembic(package: str) -> None:
    for slow in ("alembic", "sqlalchemy"):
        assert not within(imported()[package], slow)


def test_shared_loads_nothing_of_ours() -> None:
    modules = imported()["shared"]
    for ours in ("services", "gateway", "cli", "tests"):
        assert not within(modules, ours)
