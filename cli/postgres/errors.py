"""What can go wrong with the embedded PostgreSQL, told to the person at the terminal."""


class EmbeddedPostgresError(Exception):
    """The server cannot run in this folder. The text says why, and what to do about it."""
