"""Events between services: told in a transaction, relayed from the outbox, taken in once by each consumer."""

from pathlib import Path

OUTBOX_SQL = Path(__file__).parent / "outbox.sql"
INBOX_SQL = Path(__file__).parent / "inbox.sql"
ACTOR_SQL = Path(__file__).parent / "actor.sql"
WATERMARK_SQL = Path(__file__).parent / "watermark.sql"
