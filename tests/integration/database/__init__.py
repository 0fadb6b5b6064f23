"""What shared/database promises, on a real server."""
