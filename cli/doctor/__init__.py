"""Looks for what keeps the product from working, and says what to do about it."""
