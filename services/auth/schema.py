"""Where the migrations of auth are."""

from pathlib import Path

from shared.database.migrate import Schema

SCHEMA = Schema("auth", Path(__file__).parent / "migrations", landmark="users")
