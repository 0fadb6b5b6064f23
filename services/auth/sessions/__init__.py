"""How sessions begin, go on and end."""
