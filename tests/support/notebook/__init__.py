"""The smallest service that there can be: notes per tenant, an outbox and an inbox. What shared/ is tried out on."""

from pathlib import Path

from shared.database.migrate import Schema

NOTEBOOK = Schema("notebook", Path(__file__).parent, landmark="notes")
