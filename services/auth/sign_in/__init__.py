"""What stands around a sign-in: who may try, how often, and who is told."""
