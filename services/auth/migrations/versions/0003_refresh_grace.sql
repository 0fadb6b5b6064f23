-- The token that a used one was exchanged for, sealed under the used one: who has that gets the same answer again for
-- a moment, and the table alone gives nobody a token.
ALTER TABLE refresh_tokens ADD COLUMN successor_sealed bytea;

-- A person's sessions, newest first, page by page.
CREATE INDEX sessions_by_user_and_age ON sessions (user_id, id);
DROP INDEX sessions_by_user;
