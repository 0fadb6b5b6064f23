"""What auth asks the other services."""
