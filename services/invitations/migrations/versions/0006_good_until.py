"""A mail is not sent any more when its link is dead."""

from shared.database.migrate import run_sql
from shared.mail.queue import GOOD_UNTIL_SQL

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the column, and the status of a mail that came to such an end."""
    run_sql(GOOD_UNTIL_SQL)
