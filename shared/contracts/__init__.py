"""All that the services know of each other: events, callers, permissions, addresses."""
