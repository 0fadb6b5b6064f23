"""The gateway in front of a service, over real connections."""
