"""What a device is called, as far as its software says."""

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
