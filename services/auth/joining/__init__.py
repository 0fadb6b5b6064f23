"""How people become members, and what follows from it."""
