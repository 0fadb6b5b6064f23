"""The gateway beside the best, on this machine and in the same run."""
