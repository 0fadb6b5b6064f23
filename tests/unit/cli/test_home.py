"""The folder of a product: closed to others, one product's at a time, and never half-written."""

import stat
from pathlib import Path

import pytest

from cli.dev_file import DevFile
from cli.embedded.secrets import Secrets
from cli.home import Home, write_private
from shared.process import CannotStart

DEV = DevFile("http://127.0.0.1:8000", "id", "admin@company.com", "a", "operator@sparknode.example", "o", None)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_folder_is_made_and_closed_to_others(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with Home(tmp_path).occupied(), Home(tmp_path / "deep" / "down").occupied():
        assert mode(tmp_path) == 0o700
        assert mode(tmp_path / "deep" / "down") == 0o700


def test_a_folder_with_things_of_others_is_not_closed_to_them(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "theirs").touch()
    with Home(tmp_path).occupied():
        assert mode(tmp_path) == 0o755


def test_the_folder_is_one_products_at_a_time(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with home.occupied(), pytest.raises(CannotStart, match="already runs"), home.occupied():
        pass
    with home.occupied():
        pass


def test_who_is_refused_leaves_the_dev_file_of_the_other_alone(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with home.occupied(), DEV.kept_in(home.dev_file):
        with pytest.raises(CannotStart), home.occupied():
            pass
        assert DevFile.read(home.dev_file) == DEV


def test_a_dev_file_that_was_left_behind_is_gone(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.dev_file.write_text("stale")
    with home.occupied():
        assert not home.dev_file.exists()


def test_a_file_of_the_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.secrets.mkdir()
    with pytest.raises(CannotStart, match=r"secrets\.json cannot be used: .*SPARKNODE_HOME"), home.occupied():
        Secrets.of(home.secrets)
    home.dev_file.mkdir()
    with pytest.raises(CannotStart, match=r"dev\.json cannot be used"), home.occupied():
        pass
    with pytest.raises(CannotStart, match=r"dev\.json cannot be read"):
        DevFile.read(home.dev_file)


def test_what_fails_elsewhere_is_no_matter_of_the_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), Home(tmp_path / "home").occupied():
        (tmp_path / "elsewhere").read_text()


@pytest.mark.parametrize("text", ["", "[]", '{"base_url": "http://127.0.0.1"}'])
def test_a_dev_file_that_says_something_else_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "dev.json"
    file.write_text(text)
    with pytest.raises(CannotStart, match=r"dev\.json cannot be read"):
        DevFile.read(file)


def test_the_dev_file_is_there_while_the_product_is(tmp_path: Path) -> None:
    file = tmp_path / "dev.json"
    assert DevFile.read(file) is None
    with DEV.kept_in(file):
        assert DevFile.read(file) == DEV
        assert mode(file) == 0o600
    assert not file.exists()


def test_a_private_file_is_replaced_whole_and_closed_to_others(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("before")
    file.chmod(0o644)
    (tmp_path / ".file.new").write_text("left by a death")
    write_private(file, "after")
    assert (file.read_text(), mode(file)) == ("after", 0o600)
    assert list(tmp_path.iterdir()) == [file]


def test_secrets_are_made_once(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    made = Secrets.of(file)
    assert mode(file) == 0o600
    assert Secrets.of(file) == made
    assert Secrets() != made


def test_a_secret_that_a_newer_release_needs_is_added_to_the_old_ones(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    file.write_text('{"admin_password": "old"}')
    assert Secrets.of(file).admin_password == "old"
    assert Secrets.of(file) == Secrets.of(file)


def test_secrets_that_cannot_be_read_are_named_and_not_replaced(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    file.write_text("{")
    with pytest.raises(CannotStart, match="damaged"):
        Secrets.of(file)
    assert file.read_text() == "{"


def test_secrets_do_not_show(tmp_path: Path) -> None:
    made = Secrets.of(tmp_path / "secrets.json")
    assert made.admin_password not in repr(made)
    assert made.jwt_secret_key not in repr(made)
