"""The keys that sign access tokens: made, kept, replaced, revoked, and used."""
