"""HTTP as every service speaks it: endpoints as data, problem+json, health, request ids, OpenAPI."""
