"""PostgreSQL: connections, transactions that carry their tenant, migrations and the checks of a safe role."""

from shared.database.database import Database
from shared.database.outages import DatabaseUnavailable
from shared.database.transaction import Transaction

__all__ = ["Database", "DatabaseUnavailable", "Transaction"]
