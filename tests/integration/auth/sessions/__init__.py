"""Signing in and out, sessions, passwords, the directory, the keys."""
