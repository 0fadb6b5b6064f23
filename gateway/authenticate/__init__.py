"""Who is asking: access tokens and API keys, checked by every rule, and remembered for a while."""
