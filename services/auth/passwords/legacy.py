"""Passwords of accounts that were brought along from another system, hashed with bcrypt."""

import re

import bcrypt

_HASH = re.compile(r"\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}")
_BYTES_THAT_COUNT = 72
"""bcrypt has never looked at more; systems that let people choose longer passwords cut them off here, unsaid."""

_FEWEST_ROUNDS, _MOST_ROUNDS = 4, 15
"""What bcrypt can do, and about three seconds. The logarithm of a number that whoever writes the row chooses."""


def is_legacy(hashed: str) -> bool:
    """Whether ``hashed`` is such a hash, and one that can be checked in reasonable time."""
    match = _HASH.fullmatch(hashed)
    return match is not None and _FEWEST_ROUNDS <= int(match[1]) <= _MOST_ROUNDS


def matches_legacy(password: str, hashed: str) -> bool:
    """Whether the other system would have taken ``password``: as it was typed, and no more of it than counted there.

    ``ValueError`` when bcrypt cannot take a letter of ``hashed``.
    """
    return bcrypt.checkpw(password.encode()[:_BYTES_THAT_COUNT], hashed.encode())
