"""Where the body of a service's answer ends (RFC 9112, section 6.3)."""

from gateway.request import Headers

TO_THE_END = -1
"""Of the connection."""

IN_CHUNKS = -2


def length_of(headers: Headers, status: int) -> int:
    """How long the body is, or how that is told; ``ValueError`` if in two ways, or in one that we do not know."""
    length, told = TO_THE_END, 0
    for name, value in headers:
        if name == b"content-length":
            told += 1
            length = int(value)
        elif name == b"transfer-encoding":
            told += 1
            length = IN_CHUNKS
            if value.lower() != b"chunked":
                raise ValueError("an unknown coding")
    if told > 1:
        raise ValueError("two ways to tell the end")
    return 0 if status in (204, 304) else length
