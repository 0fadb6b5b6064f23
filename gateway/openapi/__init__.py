"""The OpenAPI document of the public surface."""
