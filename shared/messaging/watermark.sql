-- Whoever compares a replica with its owner asks the owner for a number between past and future events.
GRANT USAGE ON SEQUENCE outbox_position_seq TO :lookup;
