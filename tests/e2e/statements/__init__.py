"""The statements that the product really sends, and how PostgreSQL finds their rows."""
