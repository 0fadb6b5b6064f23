"""The log of a product on one machine: a file that does not grow for ever."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

LARGEST_BYTES = 16 * 1024 * 1024


@contextmanager
def opened(file: Path) -> Iterator[TextIO]:
    """Go on with ``file``; one that has become large is first put aside as ``….1``, over the one before."""
    if file.exists() and file.stat().st_size > LARGEST_BYTES:
        file.replace(file.with_name(f"{file.name}.1"))
    with file.open("a", buffering=1, encoding="utf-8") as log:
        yield log
