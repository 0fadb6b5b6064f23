"""How the command line ends: the one table from kinds of failure to exit codes, after sysexits.h."""

import os
from collections.abc import Mapping

from cli.gateway_client import Refused
from shared.errors import Kind
from shared.http.problems import STATUS

CANNOT_START = 1

EXIT_CODES: Mapping[Kind, int] = {
    Kind.INVALID: os.EX_DATAERR,
    Kind.UNAUTHENTICATED: os.EX_NOPERM,
    Kind.FORBIDDEN: os.EX_NOPERM,
    Kind.NOT_FOUND: os.EX_NOINPUT,
    Kind.CONFLICT: os.EX_CANTCREAT,
    Kind.GONE: os.EX_NOINPUT,
    Kind.RATE_LIMITED: os.EX_TEMPFAIL,
    Kind.UNAVAILABLE: os.EX_UNAVAILABLE,
}

_KINDS = {status: kind for kind, status in STATUS.items()}


def exit_code_of(refused: Refused) -> int:
    """The exit code for what a gateway answered; ``EX_PROTOCOL`` for what no gateway of ours would."""
    kind = _KINDS.get(refused.status)
    return EXIT_CODES[kind] if kind else os.EX_PROTOCOL
