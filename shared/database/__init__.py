"""PostgreSQL: pools, transactions that carry their tenant, migrations and the checks of a safe role."""

from shared.database.pool import Database, DatabaseUnavailable
from shared.database.transaction import Transaction

__all__ = ["Database", "DatabaseUnavailable", "Transaction"]
