"""Alembic's entry; everything that matters is in ``shared.database.migrate``."""

from shared.database.migrate import run_environment

run_environment()
