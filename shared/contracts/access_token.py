"""The access token: what its issuer puts into it and whoever checks it insists on (RFC 9068)."""

from datetime import timedelta

TYPE = "at+jwt"
"""The header ``typ``; keeps every other JWT out (RFC 8725, section 3.11)."""

ALGORITHM = "ES256"
AUDIENCE = "sparknode"
CLIENT_ID = "sparknode"
"""The first party's own front end; other clients will have names of their own."""

LIFETIME = timedelta(minutes=10)

CLAIMS = ("iss", "aud", "sub", "client_id", "iat", "exp", "jti", "tenant_id", "role", "sid")
"""All of them are always there; ``iss`` is the PUBLIC_URL."""
