"""Whatever is killed, the folder is in one server's hands and the data are there."""

import os
import signal
from pathlib import Path

import pytest

from cli.postgres import EmbeddedPostgres, EmbeddedPostgresError
from tests.integration.embedded_postgres.processes import (
    ask,
    eventually,
    is_gone,
    kill,
    program_of,
    server_pid,
    start_owner,
)

pytestmark = pytest.mark.slow


def test_a_second_process_is_told_that_the_folder_is_in_use(running: EmbeddedPostgres, used_folder: Path) -> None:
    second = EmbeddedPostgres(used_folder, durable=False)
    with pytest.raises(EmbeddedPostgresError, match="in use by another sparknode"):
        second.start()
    second.stop()
    assert running.is_running
    assert not is_gone(server_pid(used_folder))


def test_ctrl_c_is_not_for_the_server(running: EmbeddedPostgres, used_folder: Path) -> None:
    assert os.getsid(server_pid(used_folder)) != os.getsid(0)


def test_the_server_ends_soon_after_its_owner_was_killed(used_folder: Path) -> None:
    owner = start_owner(used_folder)
    pid = server_pid(used_folder)
    kill(owner)
    assert eventually(lambda: is_gone(pid))


async def test_a_start_right_after_the_owner_was_killed(stopped: EmbeddedPostgres, used_folder: Path) -> None:
    kill(start_owner(used_folder))
    stopped.start()
    assert await ask(stopped.url("postgres"), "SELECT 1") == 1


async def test_a_start_after_owner_and_guard_were_killed(stopped: EmbeddedPostgres, used_folder: Path) -> None:
    owner = start_owner(used_folder)
    orphan = server_pid(used_folder)
    scratch = (used_folder / "scratch").readlink()
    os.kill(os.getsid(orphan), signal.SIGKILL)
    kill(owner)
    stopped.start()
    assert server_pid(used_folder) != orphan
    assert not scratch.exists()
    assert await ask(stopped.url("postgres"), "SELECT 1") == 1


async def test_a_server_that_was_killed_can_be_started_again(running: EmbeddedPostgres, used_folder: Path) -> None:
    await ask(running.url("postgres"), "CREATE TABLE committed AS SELECT 42 AS answer")
    os.kill(server_pid(used_folder), signal.SIGKILL)
    assert eventually(lambda: not running.is_running)
    running.start()
    assert await ask(running.url("postgres"), "SELECT answer FROM committed") == 42


async def test_a_pid_file_whose_number_is_now_another_programs(stopped: EmbeddedPostgres, used_folder: Path) -> None:
    cluster = used_folder / "cluster"
    with program_of(cluster.stat().st_uid) as other:
        lines = [str(other.pid), str(cluster), "1700000000", "5432", ".", "", "0 0", "ready"]
        (cluster / "postmaster.pid").write_text("\n".join(lines) + "\n")
        stopped.start()
        assert other.poll() is None
        assert await ask(stopped.url("postgres"), "SELECT 1") == 1
