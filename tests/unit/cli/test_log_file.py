"""The log goes on from start to start, and does not grow for ever."""

from pathlib import Path

from cli.embedded import log_file


def test_a_log_is_gone_on_with(tmp_path: Path) -> None:
    file = tmp_path / "log"
    for line in ("one\n", "two\n"):
        with log_file.opened(file) as log:
            log.write(line)
    assert file.read_text() == "one\ntwo\n"


def test_a_log_that_has_become_large_is_put_aside(tmp_path: Path) -> None:
    file = tmp_path / "log"
    with file.open("wb") as log:
        log.truncate(log_file.LARGEST_BYTES + 1)
    with log_file.opened(file):
        pass
    assert file.stat().st_size == 0
    assert (tmp_path / "log.1").stat().st_size > log_file.LARGEST_BYTES
