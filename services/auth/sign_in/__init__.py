"""What stands around a password that is tried: who may try, how often, and who is told."""
