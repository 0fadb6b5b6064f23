"""Log lines: structured, attributed, and without secrets."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from shared.logs import configure_logs
from tests.support.logs import logs_as_before


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    with logs_as_before():
        yield


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_says_when_who_and_what(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("auth", level="info", style="json")
    with structlog.contextvars.bound_contextvars(request_id="r1"):
        structlog.get_logger("x").info("signed up", tenant_id="t1")
    (line,) = lines(capsys)
    assert (
        line.items()
        >= {"service": "auth", "request_id": "r1", "tenant_id": "t1", "event": "signed up", "level": "info"}.items()
    )
    assert line["timestamp"].endswith("Z")


@pytest.mark.parametrize(
    "name", ["password", "refresh_token", "Authorization", "cookie", "signing_key", "client_secret"]
)
def test_what_is_named_like_a_secret_is_blanked(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """CVE-2026-41181."""
    configure_logs("auth", level="info", style="json")
    structlog.get_logger("x").info("careless", **{name: "swordfish"})
    assert "swordfish" not in capsys.readouterr().err


def test_an_exception_is_shown_without_local_variables(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("auth", level="info", style="json")
    canary = "sword" + "fish"
    try:
        raise ValueError(len(canary))
    except ValueError:
        structlog.get_logger("x").exception("failed")
    (line,) = lines(capsys)
    assert "ValueError: 9" in line["exception"]
    assert "swordfish" not in line["exception"]


def test_lines_of_libraries_look_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("auth", level="info", style="json")
    logging.getLogger("some.library").warning("hm %s", "indeed")
    (line,) = lines(capsys)
    assert (line["event"], line["level"], line["service"]) == ("hm indeed", "warning", "auth")


def test_what_is_less_important_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("auth", level="warning", style="console")
    structlog.get_logger("x").info("chatter")
    structlog.get_logger("x").warning("trouble")
    err = capsys.readouterr().err
    assert "chatter" not in err
    assert "trouble" in err
