-- When the person of the session showed who they are; for a session that was entered from another one, what that one has
-- here. NULL in those that a former release begins: they count from their own beginning.
ALTER TABLE sessions ADD COLUMN signed_in_at timestamptz;
