"""The rules of the tenants service."""
