"""The front door: decides for every request who asks and whether they may, and passes it to the right service."""
