"""Alembic's entry."""

from shared.database.migrate import run_environment

run_environment()
