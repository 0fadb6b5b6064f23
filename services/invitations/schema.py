"""Where this service's migrations are."""

from pathlib import Path

from shared.database.migrate import Schema

SCHEMA = Schema("invitations", Path(__file__).parent / "migrations", landmark="invitations")
