"""PostgreSQL without an installation: a private server from a wheel, for `sparknode up` and the tests."""

from cli.postgres.errors import EmbeddedPostgresError
from cli.postgres.server import EmbeddedPostgres

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError"]
