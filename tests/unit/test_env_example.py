"""``.env.example`` says what the settings classes say."""

from pathlib import Path

from cli.embedded.env_example import env_example
from cli.embedded.parts import SETTINGS
from cli.processes import OWN_VARIABLES
from cli.settings import UpSettings

FILE = Path(__file__).parents[2] / ".env.example"


def variables(text: str) -> list[str]:
    """Every variable that is named, commented out or not."""
    lines = (line.removeprefix("#") for line in text.splitlines() if not line.startswith("# "))
    return [line.partition("=")[0] for line in lines if "=" in line]


def test_the_file_is_what_the_settings_say() -> None:
    assert FILE.read_text() == env_example(), "Run `.venv/bin/sparknode env-example > .env.example`."


def test_every_variable_of_every_process_is_there_once() -> None:
    named = variables(env_example())
    assert len(named) == len(set(named))
    for process, settings in SETTINGS.items():
        for name in map(str.upper, settings.model_fields):
            assert (f"{process.upper()}_{name}" if name in OWN_VARIABLES else name) in named
    for name in UpSettings.model_fields:
        assert name.upper() in named


def test_no_secret_has_a_value() -> None:
    for line in env_example().splitlines():
        name, _, value = line.removeprefix("#").partition("=")
        if name.isupper() and name.endswith(("KEY", "DATABASE_URL", "AMQP_URL", "SMTP_URL")):
            assert value == ""
