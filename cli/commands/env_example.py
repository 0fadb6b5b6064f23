"""`sparknode env-example`: for those who add a setting."""

import typer


def env_example() -> None:
    """Print what .env.example has to say, from the settings classes of all processes."""
    from cli.embedded import env_example as text  # noqa: PLC0415 - half a second that other commands save

    typer.echo(text.env_example(), nl=False)
