"""Where the migrations of this service are."""

from pathlib import Path

from shared.database.migrate import Schema

SCHEMA = Schema("tenants", Path(__file__).parent / "migrations", landmark="domain_claims")
