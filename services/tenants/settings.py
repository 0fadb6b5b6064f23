"""What the tenants service reads from its environment."""

from shared.settings import DatabaseSettings


class TenantsSettings(DatabaseSettings):
    """It sends no mail and calls nobody: a port, a database, and the key of the caller context are all it needs."""
