"""Changing and removing members."""
