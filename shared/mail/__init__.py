"""Mail: what one looks like, how it is rendered, queued in the service's database, and sent."""
