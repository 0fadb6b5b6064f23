"""What shared/messaging promises: told with the change, carried in order at least once, taking effect once."""
