"""The rules of invitations."""
