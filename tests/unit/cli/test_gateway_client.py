"""The commands' client, and how what it is told becomes the end of a command."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from cli import connection
from cli.connection import connect
from cli.dev_file import DevFile
from cli.exit_codes import EXIT_CODES, exit_code_of
from cli.gateway_client import Account, GatewayClient, Refused
from shared.errors import Kind
from shared.process import CannotStart

ACCOUNT = Account("admin@company.com", "password")
PROBLEM = {
    "code": "slug_taken",
    "detail": "Another tenant has this slug.",
    "errors": [{"field": "slug", "message": "m"}],
}


def client(
    answer: Callable[[httpx.Request], httpx.Response],
    login: httpx.Response = httpx.Response(200, json={"access_token": "T"}),  # noqa: B008 - only read
    logout: httpx.Response = httpx.Response(204),  # noqa: B008 - likewise
) -> GatewayClient:
    """A client of a gateway that signs everybody in and answers the rest by ``answer``."""

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/auth/login":
            return login
        if request.url.path == "/api/auth/logout":
            return logout
        assert request.headers["authorization"] == "Bearer T"
        return answer(request)

    return GatewayClient("http://gateway", ACCOUNT, httpx.MockTransport(handle))


def test_a_list_is_read_to_its_last_page() -> None:
    pages = {None: {"items": [{"n": 1}], "next_cursor": "c"}, "c": {"items": [{"n": 2}], "next_cursor": None}}
    with client(lambda request: httpx.Response(200, json=pages[request.url.params.get("cursor")])) as gateway:
        assert [item["n"] for item in gateway.items("/api/tenants", q=None)] == [1, 2]


def test_a_problem_is_raised_with_its_words_code_and_fields() -> None:
    with client(lambda _: httpx.Response(409, json=PROBLEM)) as gateway, pytest.raises(Refused) as refused:
        gateway.post("/api/tenants", {})
    assert str(refused.value) == "Another tenant has this slug."
    assert (refused.value.code, refused.value.fields) == ("slug_taken", {"slug": "m"})


def test_an_answer_that_is_no_problem_of_ours_is_told_too() -> None:
    with (
        client(lambda _: httpx.Response(502, text="<html>")) as gateway,
        pytest.raises(Refused, match="502") as refused,
    ):
        gateway.post("/api/tenants", {})
    assert exit_code_of(refused.value) == os.EX_PROTOCOL


def test_what_was_done_is_told_even_if_signing_out_fails() -> None:
    """The link of an invitation is shown this once."""
    made = httpx.Response(201, json={"invite_url": "https://id.company.com/signup?token=t"})
    with client(lambda _: made, logout=httpx.Response(503, json={})) as gateway:
        created = gateway.post("/api/invitations", {})
    assert created["invite_url"]


@pytest.mark.parametrize("answer", [{"text": "<html>"}, {"json": []}, {"json": {"status": "ok"}}])
def test_a_server_that_is_no_gateway_of_ours_is_named(answer: dict[str, Any]) -> None:
    with pytest.raises(CannotStart, match="http://gateway does not answer as our gateway"):
        client(lambda _: httpx.Response(404), login=httpx.Response(200, **answer)).__enter__()


@pytest.mark.parametrize("url", ["http://[::1", "http://127.0.0.1:x", "http://127.0.0.1:65536", "localhost:8000", "/"])
def test_what_is_no_address_is_named(url: str) -> None:
    with pytest.raises(CannotStart, match=re.escape(f"{url} is no address")):
        connect("admin", url, "admin@company.com", "password")


def test_a_gateway_that_is_not_there_is_named() -> None:
    def nobody(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(CannotStart, match="http://gateway"):
        GatewayClient("http://gateway", ACCOUNT, httpx.MockTransport(nobody)).__enter__()


def test_every_kind_of_failure_has_an_exit_code() -> None:
    assert set(EXIT_CODES) == set(Kind)
    assert 0 not in EXIT_CODES.values()


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DevFile:
    """The product that runs here."""
    monkeypatch.setenv("SPARKNODE_HOME", str(tmp_path))
    return DevFile("http://127.0.0.1:1", "id", "admin@company.com", "a", "operator@sparknode.example", "o", None)


def test_without_a_product_and_an_address_there_is_nobody_to_ask(dev: DevFile) -> None:
    assert dev.base_url
    with pytest.raises(CannotStart, match="sparknode up"):
        connect("admin", None, None, None)


def test_the_accounts_of_the_product_here_are_for_no_other_gateway(dev: DevFile, tmp_path: Path) -> None:
    with dev.kept_in(tmp_path / "dev.json"), pytest.raises(CannotStart, match="--email"):
        connect("admin", "https://elsewhere.example", None, None)


def test_where_nobody_can_be_asked_a_password_has_to_be_given(
    dev: DevFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "TERMINAL", tmp_path / "none")
    with pytest.raises(CannotStart, match=f"password of {dev.admin_email} on: set SPARKNODE_PASSWORD"):
        connect("admin", dev.base_url, dev.admin_email, None)
