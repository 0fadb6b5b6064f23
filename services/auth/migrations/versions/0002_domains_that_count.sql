-- A domain that lapsed, or was given up, lets nobody in. Its row stays, so that what is told late about it is known
-- to be old.
ALTER TABLE domains ADD COLUMN counts boolean NOT NULL DEFAULT true;
