"""`sparknode keys`, as an operator meets it."""

import json
from pathlib import Path

import pytest
from pydantic import SecretStr

from cli.described import kept_environment
from cli.home import Home
from cli.settings import UpSettings
from tests.e2e.described import environment_of
from tests.e2e.program import command
from tests.e2e.support import World

pytestmark = pytest.mark.timeout(180)  # each command starts a process of auth


def test_a_new_key_waits_beside_the_one_that_signs(product: World, tmp_path: Path) -> None:
    variables = environment_of(product.live)
    done = command("keys", "rotate", "--json", home=tmp_path, **variables)
    assert done.returncode == 0, done.stderr
    assert [key["state"] for key in json.loads(done.stdout)] == ["waiting", "signing"]
    refused = command("keys", "revoke", "--", "-no-such-key", home=tmp_path, **variables)
    assert refused.returncode == 1
    assert "There is no signing key of that name." in refused.stderr


def test_keys_are_not_sealed_under_a_secret_that_the_running_product_does_not_have(
    product: World, tmp_path: Path
) -> None:
    home = Home(tmp_path)
    with home.occupied(), kept_environment(home.environment, environment_of(product.live)):
        refused = command("keys", "rewrap", home=tmp_path, JWT_SECRET_KEY="another one, which is long enough for it")
        assert refused.returncode == 1
        assert "Nothing was changed. Start `sparknode up` anew" in refused.stderr
        assert command("keys", "rewrap", home=tmp_path).returncode == 0


def test_the_commands_know_the_former_secret_that_the_product_was_started_with(tmp_path: Path) -> None:
    """Written down by `up`, as all its keys are."""
    given = UpSettings(sparknode_home=tmp_path, jwt_secret_key_old=SecretStr("a former one, which is long enough, too"))
    assert set(given.given_keys) == {"jwt_secret_key_old"}
