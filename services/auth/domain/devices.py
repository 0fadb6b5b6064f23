"""What a device is called, as far as its software says, and by what it is known again."""

import hashlib
from datetime import timedelta
from ipaddress import ip_address, ip_network
from uuid import UUID

MOST_KNOWN = 50
"""So many devices of one person are remembered; of more, those that were seen last."""

FORGOTTEN_AFTER = timedelta(days=180)
"""A device that nobody signed in from for so long is a new one."""

_NETWORK_BITS = {4: 16, 6: 32}
"""About what one provider hands out: who comes home, or moves through a city, is no stranger."""

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chromium", "Chromium"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
"""Marks in a User-Agent, in the order in which they are believed: most browsers claim to be several others as well."""

_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)
LONGEST_NAME = 60
UNKNOWN_DEVICE = "Unknown device"


def device_name(agent: str) -> str:
    """What its owner calls a device, such as ``Firefox on Windows``, without versions: an update makes no new one."""
    browser, system = _first(_BROWSERS, agent), _first(_SYSTEMS, agent)
    if browser and system:
        return f"{browser} on {system}"
    return browser or system or _program(agent) or UNKNOWN_DEVICE


def _first(marks: tuple[tuple[str, str], ...], agent: str) -> str | None:
    return next((name for mark, name in marks if mark in agent), None)


def _program(agent: str) -> str:
    """The first product that a program names (RFC 9110, section 10.1.5), if it is fit to be shown."""
    name = agent.partition("/")[0].strip()[:LONGEST_NAME]
    return name if name.isprintable() else ""


def fingerprint(user_id: UUID, agent: str, address: str) -> bytes:
    """By what a person's device is known again: browser, system and network. It tells nothing of another person's."""
    return hashlib.sha256(f"{user_id} {_network(address)} {device_name(agent)}".encode()).digest()


def _network(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    return str(ip_network((parsed, _NETWORK_BITS[parsed.version]), strict=False))
