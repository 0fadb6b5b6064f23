"""The logs of what runs in the process of the tests."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from shared.logs import configure_logs


def keep_out_of_output() -> None:
    """Until somebody says otherwise, pytest keeps the lines for tests that fail, and no command prints them.

    They are made as in production, secrets blanked: structlog's own way draws each traceback, which takes longer than
    what most tests are about.
    """
    configure_logs("tests", level="debug", style="json", stream=sys.__stderr__)


@contextmanager
def logs_as_before() -> Iterator[None]:
    """What logs are configured to be is for the whole process: whatever happens to that inside ends with the block."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    try:
        yield
    finally:
        structlog.configure(**before)
        root.handlers[:] = handlers
        root.setLevel(level)
