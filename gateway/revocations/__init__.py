"""What is dead before its time: where that is told, and where it is kept."""
