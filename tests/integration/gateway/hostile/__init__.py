"""Hostile requests by the thousand, made from small tables, sent over raw sockets to a running gateway."""
