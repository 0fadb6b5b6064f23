"""`sparknode up` as a newcomer meets it: one command, a folder, and Ctrl-C."""

import os
import signal
import socket
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from cli.home import Home
from cli.postgres import EmbeddedPostgres
from cli.postgres.locks import FileLock
from tests.e2e.program import Up, command, sparknode, up, up_by_exec
from tests.e2e.support import eventually

pytestmark = pytest.mark.timeout(180)  # whoever needs `lives` first waits for four of them

DEV_FILE = {
    "base_url",
    "tenant_id",
    "admin_email",
    "admin_password",
    "operator_email",
    "operator_password",
    "mailbox_url",
}
ENDS = (signal.SIGTERM, signal.SIGKILL, signal.SIGINT)


@dataclass(frozen=True, slots=True)
class Lives:
    """How a product lived in one folder that was empty at first, and in which it does not run any more."""

    accounts: list[dict[str, str]]
    """In each life but the first, which ended before there were any."""
    left: list[bool]
    """Whether each of these left its dev.json behind."""


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory) -> Lives:
    """Killed in the middle of its first start, and then ended in each way that there is."""
    home, lives = tmp_path_factory.mktemp("used") / "home", Lives([], [])
    with up(home) as product:
        product.wait_for(product.home.mailbox)
        product.end(signal.SIGKILL)
    for end in ENDS:
        with up(home) as product:
            lives.accounts.append(assert_works(product))
            product.end(end)
            lives.left.append(product.home.dev_file.exists())
    return lives


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port on which somebody else listens."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def sign_in(dev: dict[str, str], who: str) -> httpx.Response:
    account = {"email": dev[f"{who}_email"], "password": dev[f"{who}_password"]}
    return httpx.post(f"{dev['base_url']}/api/auth/login", json=account, trust_env=False)


def is_free(home: Home) -> bool:
    """Whether neither a product nor a database server is in the folder."""
    locks = [FileLock(home.lock), FileLock(home.postgres / "server.lock")]
    try:
        return all(lock.acquire() for lock in locks)
    finally:
        for lock in locks:
            lock.release()


def assert_works(product: Up) -> dict[str, str]:
    """The accounts of dev.json are what it says they are."""
    dev = product.ready()
    session = sign_in(dev, "admin").json()
    assert (session["tenant"]["slug"], session["user"]["role"]) == ("company", "owner")
    assert session["tenant"]["id"] == dev["tenant_id"]
    assert sign_in(dev, "operator").json()["tenant"]["slug"] == "platform"
    return dev


def test_a_fresh_folder_becomes_a_product_with_its_first_tenant(tmp_path: Path) -> None:
    with up_by_exec(tmp_path / "new") as product:
        dev = assert_works(product)
        assert set(dev) == DEV_FILE
        assert dev["admin_email"] == "admin@company.com"
        assert httpx.get(f"{dev['base_url']}/health", trust_env=False).json() == {"status": "ok"}
        assert httpx.get(dev["mailbox_url"], trust_env=False).is_success
        modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (product.home.folder, product.home.dev_file)}
        assert list(modes.values()) == [0o700, 0o600]
        code, out, err = product.end()
        assert (code, err) == (0, "")
        for shown in DEV_FILE - {"tenant_id"}:
            assert dev[shown] in out
        assert is_free(product.home)


@pytest.mark.slow
def test_a_first_start_that_was_killed_is_taken_up_where_it_was(lives: Lives) -> None:
    assert len(lives.accounts) == len(ENDS)


@pytest.mark.slow
def test_it_starts_again_with_the_same_data_and_credentials_also_when_it_was_killed(lives: Lives) -> None:
    differing = {"base_url", "mailbox_url"}  # the port was a free one each time
    first, *later = [{name: dev[name] for name in DEV_FILE - differing} for dev in lives.accounts]
    assert later == [first, first]
    assert lives.left == [end == signal.SIGKILL for end in ENDS]


@pytest.mark.slow
def test_while_it_runs_commands_find_it_and_nothing_disturbs_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with up(home, LIMITS="off") as product:
        dev = product.ready()
        doctor = command("doctor", home=home)
        assert (doctor.returncode, "FAILED" in doctor.stdout) == (0, False), doctor.stdout
        events = command("events", "status", home=home)
        assert (events.returncode, "No broker" in events.stdout) == (0, True), events.stdout
        assert stat.S_IMODE(product.home.environment.stat().st_mode) == 0o600

        second = sparknode("up", home=home)
        assert (second.returncode, "already runs" in second.stderr) == (1, True), second
        assert sign_in(dev, "admin").is_success

        os.kill(int((product.home.postgres / "cluster" / "postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)
        meanwhile = sign_in(dev, "admin").status_code
        eventually(lambda: sign_in(dev, "admin").is_success, "the database server")
        assert meanwhile in {200, 503}
        assert product.end()[0] == 0
        assert not product.home.environment.exists()


@pytest.mark.slow
def test_a_server_of_ones_own_is_used_instead_of_the_embedded_one(tmp_path: Path, postgres: EmbeddedPostgres) -> None:
    server = postgres.url(f"own_{uuid4().hex[:8]}")
    with up(tmp_path, DATABASE_URL=server) as product:
        first = assert_works(product)
        assert not product.home.postgres.exists()
        product.end()
    with up(tmp_path, DATABASE_URL=server) as product:
        assert assert_works(product)["tenant_id"] == first["tenant_id"]


def test_a_taken_port_is_named_before_anything_is_started(tmp_path: Path, taken_port: int) -> None:
    home = Home(tmp_path)
    home.dev_file.write_text("{}")  # of a product that was killed
    done = sparknode("up", home=tmp_path, PORT=str(taken_port))
    assert (done.returncode, f"port {taken_port}" in done.stderr, "PORT=" in done.stderr) == (1, True, True), done
    assert not home.postgres.exists()
    assert not home.dev_file.exists()


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    done = command("up", home=file)
    assert done.returncode == 1
    assert str(file) in done.stderr
    assert "SPARKNODE_HOME" in done.stderr


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("ENVIRONMENT", "production", "sparknode serve"),
        ("PORT", "eight thousand", "PORT"),
        ("JWT_SECRET_KEY", "short", "JWT_SECRET_KEY"),
        ("DATABASE_URL", "postgresql://user:a/b@host/x", "%2F"),
    ],
)
def test_settings_that_do_not_fit_are_named(tmp_path: Path, variable: str, value: str, words: str) -> None:
    assert_refuses(tmp_path, command("up", home=tmp_path, **{variable: value}), words)


def test_a_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = sparknode("up", home=tmp_path, DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert_refuses(tmp_path, done, "DATABASE_URL")


def test_a_broker_that_is_not_there_is_named(tmp_path: Path, postgres: EmbeddedPostgres) -> None:
    done = sparknode("up", home=tmp_path, DATABASE_URL=postgres.url("none"), AMQP_URL="amqp://localhost:1")
    assert_refuses(tmp_path, done, "AMQP_URL")


def test_a_log_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    Home(tmp_path).log.mkdir()
    assert_refuses(tmp_path, command("up", home=tmp_path), "sparknode.log", "SPARKNODE_HOME")


def assert_refuses(home: Path, done: "subprocess.CompletedProcess[str]", *words: str) -> None:
    assert done.returncode == 1
    assert [word for word in words if word not in done.stderr] == [], done.stderr
    assert "Traceback" not in done.stderr
    assert not Home(home).dev_file.exists()
