"""What a clean clone has to compile, each worker compiles a share of.

Pytest rewrites the assertions of every test module, which takes longer than all else in a collection, and keeps the
result. Workers that begin at the same file at the same time would do each in every one of them.
"""

import os
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import pytest


def compile_a_share(config: pytest.Config) -> None:
    """Read this worker's share of the test modules before all of them. The others then find those compiled."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if workers > 1:
        number = int(os.environ["PYTEST_XDIST_WORKER"].removeprefix("gw"))
        for file in _modules(config)[number::workers]:
            with suppress(Exception, pytest.skip.Exception):  # its collection tells
                import_module(".".join(file.relative_to(config.rootpath).with_suffix("").parts))


def _modules(config: pytest.Config) -> list[Path]:
    """Those of which tests are wanted, the same in each worker; none when anything else than folders was named."""
    folders = [config.rootpath / name for name in config.args]
    return sorted({file for folder in folders for file in folder.rglob("test_*.py")})
