-- Every sign-in counts them, and whatever ends all of them looks for them; of those that have ended there may be many more.
CREATE INDEX sessions_live_by_user ON sessions (user_id, id) WHERE revoked_at IS NULL;
