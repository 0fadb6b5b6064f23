"""The lock files: everything is pinned and hashed, nothing says where to download it."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCKS = ["requirements.lock", "requirements-dev.lock", "requirements-bench.lock", "requirements-uv.lock"]

_PIN = re.compile(r"^([a-z0-9-]+)==[^ ]+ \\$", re.MULTILINE)
_PINNED = re.compile(r"^[a-z0-9-]+==[^ ]+", re.MULTILINE)
_LINE = re.compile(r"[a-z0-9-]+==[A-Za-z0-9.+!]+ \\|    --hash=sha256:[0-9a-f]{64}( \\)?| *#.*|")


def lock(name: str) -> str:
    """The text of a lock file."""
    return (ROOT / name).read_text()


def names(requirements: list[str]) -> set[str]:
    """The normalised names of ``requirements`` (PEP 503)."""
    return {re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", entry)[0]).lower() for entry in requirements}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_names_versions_and_hashes_only(name: str) -> None:
    odd = [line for line in lock(name).splitlines() if not _LINE.fullmatch(line)]
    assert odd == []


@pytest.mark.parametrize("name", LOCKS)
def test_no_lock_says_where_to_download(name: str) -> None:
    assert not re.search(r"://|file:/|index-url|find-links| @ ", lock(name))


def test_the_locks_cover_what_the_project_asks_for() -> None:
    runtime = set(_PIN.findall(lock("requirements.lock")))
    development = set(_PIN.findall(lock("requirements-dev.lock")))
    assert names(PROJECT["dependencies"]) <= runtime
    assert names(PROJECT["optional-dependencies"]["dev"]) <= development
    assert "setuptools" in runtime  # builds the editable install, without a download


def test_what_installs_is_what_development_has() -> None:
    assert _PIN.findall(lock("requirements-uv.lock")) == ["uv"]
    assert set(_PINNED.findall(lock("requirements-uv.lock"))) <= set(_PINNED.findall(lock("requirements-dev.lock")))


def test_development_has_the_very_versions_that_run() -> None:
    assert set(_PINNED.findall(lock("requirements.lock"))) <= set(_PINNED.findall(lock("requirements-dev.lock")))
