"""The events for those who listen to them: docs/events.md for people, docs/asyncapi.json for programs."""
