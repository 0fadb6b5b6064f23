-- Keys made by the former release have no such time: they sign since they were made.
ALTER TABLE signing_keys ADD COLUMN signs_from timestamptz;
