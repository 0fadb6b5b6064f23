"""The rules of auth."""
