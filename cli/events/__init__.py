"""What operators do about events: look, put right, send again."""
