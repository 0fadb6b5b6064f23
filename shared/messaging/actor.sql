-- Who is behind a fact: user:<id>, key:<id>, or NULL. Part of every service's migrations; frozen.
ALTER TABLE outbox ADD COLUMN actor text;
