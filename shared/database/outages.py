"""What the driver raises when the database is gone, or can do nothing for us at the moment."""

import asyncpg
import structlog

from shared.errors import Unavailable

RETRY_AFTER_SECONDS = 2.0

LOST: tuple[type[BaseException], ...] = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that the server has ended, used before the end of it was noticed
    asyncpg.OperatorInterventionError,  # starting, stopping, or tired of waiting for a statement
    asyncpg.InsufficientResourcesError,  # no connection, memory or disk space left
    asyncpg.ReadOnlySQLTransactionError,  # a primary no longer, or not yet
    asyncpg.InvalidAuthorizationSpecificationError,  # the password is being changed
    asyncpg.TransactionRollbackError,  # the victim of a deadlock, who need only come again
    asyncpg.IdleInTransactionSessionTimeoutError,  # we stood still for too long
    asyncpg.InvalidCachedStatementError,  # prepared before a migration; the driver has forgotten it by now
)

CLOSED: tuple[type[BaseException], ...] = (
    asyncpg.InvalidCatalogNameError,  # it is being restored, under another name
    asyncpg.ObjectNotInPrerequisiteStateError,  # nobody is let in for a while
)
"""The same, where a connection is made. Of a statement they would say something else."""

log = structlog.get_logger(__name__)


class DatabaseUnavailable(Unavailable):
    """The database does not answer, or cannot do anything for us at the moment."""

    code = "database_unavailable"
    title = "Database unavailable"
    detail = "The database cannot be reached. Try again in a moment."


def outage(error: BaseException) -> DatabaseUnavailable:
    """What to raise from an ``error`` that is one of ``LOST`` or ``CLOSED``."""
    log.warning("database unavailable", error=type(error).__name__, reason=str(error))
    return DatabaseUnavailable(retry_after=RETRY_AFTER_SECONDS)
