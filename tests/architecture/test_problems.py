"""A problem is the same for whoever acts on it, whichever part of the product tells it."""

import json
import pkgutil
from collections import defaultdict
from collections.abc import Iterator
from http import HTTPStatus
from importlib import import_module

import pytest

from shared.errors import Problem
from shared.http.problems import STATUS, problem_response, status_response

PACKAGES = ("shared", "services", "gateway", "cli")


def problems(ancestor: type[Problem] = Problem) -> Iterator[type[Problem]]:
    """Every class of the product that has a code."""
    for problem in ancestor.__subclasses__():
        if problem.__module__.partition(".")[0] in PACKAGES:
            yield problem
        yield from problems(problem)


def read_all(name: str) -> None:
    """Import all modules of a package, except for migrations, which Alembic runs."""
    for module in pkgutil.iter_modules(import_module(name).__path__, f"{name}."):
        if not module.name.endswith(".migrations"):
            read_all(module.name) if module.ispkg else import_module(module.name)


@pytest.fixture(scope="module")
def told() -> dict[str, set[tuple[str, str]]]:
    """With which types and titles each code is told."""
    for package in PACKAGES:
        read_all(package)
    found = defaultdict(set)
    answers = [problem_response(_bare(problem)) for problem in problems()]
    answers += [status_response(status, "") for status in HTTPStatus]
    for answer in answers:
        body = json.loads(bytes(answer.body))
        found[body["code"]].add((body["type"], body["title"]))
    return found


def _bare(problem: type[Problem]) -> Problem:
    """One of a class that may want to know more; what it would add is no part of its type."""
    bare = problem.__new__(problem)
    Problem.__init__(bare)
    return bare


def test_each_code_has_one_type_and_one_title(told: dict[str, set[tuple[str, str]]]) -> None:
    assert {code: pairs for code, pairs in told.items() if len(pairs) > 1} == {}


def test_each_type_has_one_code(told: dict[str, set[tuple[str, str]]]) -> None:
    types = [type_ for pairs in told.values() for type_, _ in pairs]
    assert len(set(types)) == len(told) > len(STATUS)
