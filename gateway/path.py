"""Judges the request target. What could be read in two ways is refused, never repaired."""

import re
from functools import lru_cache

from gateway.problems import MalformedPath

# RFC 3986, section 3.3: segments of one or more pchar. Percent-encoding is left out altogether, because nothing in
# our paths needs it: so there is no %2f, no %2e, nothing encoded twice, and no two spellings of one path. ";" is
# left out because some servers cut a segment there.
_PATH = re.compile(rb"/|(?:/(?!\.\.?(?:/|$))[A-Za-z0-9._~!$&'()*+,=:@-]+)+/?")
_QUERY = re.compile(rb"[\x21\x22\x24-\x7e]*")


_MOST_REMEMBERED = 256
"""Octets of a path that is remembered as judged, so that nobody fills the memory with long ones."""


def judge(raw_path: bytes, query: bytes) -> str:
    """The path to decide by; exactly the octets that are forwarded. ``MalformedPath`` for anything ambiguous."""
    if query and not _QUERY.fullmatch(query):
        raise MalformedPath
    return _path(raw_path) if len(raw_path) > _MOST_REMEMBERED else remembered(raw_path)


def _path(raw_path: bytes) -> str:
    if not _PATH.fullmatch(raw_path):
        raise MalformedPath
    return raw_path.decode("ascii")


remembered = lru_cache(maxsize=4096)(_path)
