"""How passwords are kept and which may be set."""
