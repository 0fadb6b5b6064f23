"""What surrounds the API keys of HR tools."""
