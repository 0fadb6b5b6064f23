"""`sparknode event-catalogue`: for those who add an event."""

from pathlib import Path
from typing import Annotated

import typer


def event_catalogue(
    folder: Annotated[Path, typer.Argument(help="Where to write.", file_okay=False, exists=True)] = Path("docs"),
) -> None:
    """Write events.md and asyncapi.json, from the contracts between the services."""
    from cli.catalogue.files import contents  # noqa: PLC0415 - half a second that other commands save

    for name, text in contents().items():
        (folder / name).write_text(text)
