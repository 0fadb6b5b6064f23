"""What the embedded PostgreSQL promises to the product, and to the other users of a machine."""

import stat
import tempfile
from pathlib import Path

import asyncpg
import pytest

from cli.postgres import EmbeddedPostgres
from tests.integration.embedded_postgres.processes import ask, is_gone, server_pid


async def test_it_answers(running: EmbeddedPostgres) -> None:
    url = running.url("postgres")
    assert await ask(url, "SELECT current_setting('server_version_num')::int / 10000") == 18


@pytest.mark.parametrize(
    ("variable", "value"),
    [("PGSSLMODE", "verify-full"), ("PGTARGETSESSIONATTRS", "standby"), ("PGHOST", "db.company.com"), ("PGPORT", "1")],
)
async def test_what_the_environment_says_of_other_servers_does_not_matter(
    running: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    assert await ask(running.url("postgres"), "SELECT 1") == 1


async def test_it_opens_no_tcp_port(running: EmbeddedPostgres) -> None:
    assert await ask(running.url("postgres"), "SHOW listen_addresses") == ""


async def test_its_socket_is_closed_to_other_users(running: EmbeddedPostgres, used_folder: Path) -> None:
    socket = used_folder / "cluster" / ".s.PGSQL.5432"
    assert stat.S_IMODE(socket.stat().st_mode) == 0o700
    assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700


async def test_a_role_shows_its_password(running: EmbeddedPostgres) -> None:
    password = "p@ss:w/rd?&%"
    await ask(running.url("postgres"), f"CREATE ROLE \"a role\" LOGIN PASSWORD '{password}'")
    assert await ask(running.url("postgres", "a role", password), "SELECT current_user") == "a role"
    with pytest.raises(asyncpg.InvalidPasswordError):
        await ask(running.url("postgres", "a role", "wrong"), "SELECT 1")


async def test_data_outlive_a_stop(running: EmbeddedPostgres) -> None:
    await ask(running.url("postgres"), "CREATE TABLE kept AS SELECT 42 AS answer")
    running.stop()
    running.start()
    assert await ask(running.url("postgres"), "SELECT answer FROM kept") == 42


async def test_a_durable_server_forces_its_data_to_the_disk(used_folder: Path) -> None:
    with EmbeddedPostgres(used_folder) as server:
        settings = await ask(
            server.url("postgres"),
            "SELECT array_agg(setting) FROM pg_settings"
            " WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes', 'autovacuum')",
        )
    assert settings == ["on"] * 4


def test_starting_and_stopping_twice_is_fine(stopped: EmbeddedPostgres, used_folder: Path) -> None:
    stopped.stop()
    stopped.start()
    pid = server_pid(used_folder)
    stopped.start()
    assert server_pid(used_folder) == pid
    stopped.stop()
    stopped.stop()
    assert not stopped.is_running
    assert is_gone(pid)


def test_nothing_is_left_in_the_temporary_folder(
    stopped: EmbeddedPostgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    stopped.start()
    assert list(tmp_path.iterdir())
    stopped.stop()
    assert not list(tmp_path.iterdir())
