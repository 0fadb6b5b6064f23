"""The cookie in which a browser may keep a refresh token, where no script of a page can read it.

The gateway lets no other cookie pass, in either direction, and this one on few routes only.
"""

SECURE_NAME = "__Secure-sparknode-refresh"
"""Over https. The prefix has browsers refuse a cookie of this name that was not set so (RFC 6265bis, 4.1.3.1)."""

PLAIN_NAME = "sparknode-refresh"
"""Over http, on a developer's own machine."""

NAMES = (SECURE_NAME, PLAIN_NAME)
PATH = "/api/auth"
"""Where browsers send it."""
