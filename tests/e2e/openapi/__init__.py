"""The product, held to its own OpenAPI document by schemathesis."""
