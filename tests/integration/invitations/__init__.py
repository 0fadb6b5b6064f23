"""Invitations on a real database: asked over HTTP, told by events, seen in the mailbox."""
