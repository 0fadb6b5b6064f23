"""What all our programs say alike."""

import subprocess
import sys
from importlib.metadata import version

import pytest
import typer
from typer.testing import CliRunner

from cli.main import commands as sparknode
from gateway.__main__ import cli as gateway
from services.auth.__main__ import commands as auth
from services.invitations.__main__ import commands as invitations
from services.tenants.__main__ import commands as tenants

every_program = pytest.mark.parametrize(
    "program", [sparknode, gateway, auth, invitations, tenants], ids=lambda each: each.info.help
)

FAILING = """
from shared.command_line import command_line

program = command_line("Fails.")

@program.command()
def fail() -> None:
    password = "ca" + "nary"
    raise RuntimeError("unforeseen")

program()
"""


def test_a_traceback_shows_no_values() -> None:
    done = subprocess.run([sys.executable, "-c", FAILING, "fail"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "RuntimeError: unforeseen" in done.stderr
    assert "canary" not in done.stderr


@every_program
def test_every_program_is_such_a_one(program: typer.Typer) -> None:
    assert not program.pretty_exceptions_enable


@every_program
def test_every_program_says_its_version(program: typer.Typer) -> None:
    said = CliRunner().invoke(program, ["--version"])
    assert (said.exit_code, said.output) == (0, f"sparknode {version('sparknode')}\n")
