-- From when on a mail is not sent any more, because its link is dead; never, if it is NULL, as in the rows of a release that
-- did not know this column.
ALTER TABLE mails
    ADD COLUMN good_until timestamptz,
    DROP CONSTRAINT mails_status_check,
    ADD CONSTRAINT mails_status_check CHECK (status IN ('queued', 'sent', 'failed', 'lapsed'));
