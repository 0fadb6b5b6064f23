-- By what whoever began the session has shown who they are. With the former release that was a password, or a sign-up,
-- which is taken for one.
ALTER TABLE sessions ADD COLUMN methods text[] NOT NULL DEFAULT '{password}';

-- A link that signs in belongs to the tenant that it leads to.
ALTER TABLE one_time_tokens
    DROP CONSTRAINT one_time_tokens_purpose_check,
    ADD CONSTRAINT one_time_tokens_purpose_check CHECK (purpose IN ('verify_email', 'reset_password', 'sign_in'));
