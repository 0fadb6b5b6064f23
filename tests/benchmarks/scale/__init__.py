"""The same requests beside ten tenants and beside a hundred thousand."""
