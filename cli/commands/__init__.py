"""What `sparknode` can do, one command or group of commands per file."""
