"""Addresses with passwords in them, taken apart without a word of theirs in what is said about it."""

from urllib.parse import SplitResult, urlsplit

UNREADABLE = "its port is no number; are @ : / ? # in the password written as %40 %3A %2F %3F %23?"


def taken_apart(url: str) -> SplitResult:
    """The parts of an address, which may name several hosts (``a:5432,b:5432``); ``ValueError`` if it is none.

    The library quotes what it could not read, and that may be a piece of a password whose signs are not escaped.
    """
    try:
        parts = urlsplit(url)
        hosts = parts.netloc.rpartition("@")[2].split(",")
        if all(urlsplit(f"//{host}").port != 0 for host in hosts):
            return parts
    except ValueError:
        pass
    raise ValueError(UNREADABLE)
