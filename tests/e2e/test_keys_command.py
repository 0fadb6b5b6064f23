"""`sparknode keys`, as an operator meets it."""

import json
from pathlib import Path

import pytest

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
