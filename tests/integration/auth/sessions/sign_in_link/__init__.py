"""Links to sign in: asking for one, using it, and what it is worth later."""
