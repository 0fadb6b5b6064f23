"""The languages that mails are written in."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum


class Language(StrEnum):
    """One per installation; its code is the folder of its templates (ISO 639)."""

    ENGLISH = "en"
    GERMAN = "de"


_MONTHS: Mapping[Language, str] = {
    Language.ENGLISH: "January February March April May June July August September October November December",
    Language.GERMAN: "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
}
_DAY: Mapping[Language, str] = {Language.ENGLISH: "{}", Language.GERMAN: "{}."}

BUTTON_HINTS: Mapping[Language, str] = {
    Language.ENGLISH: "If the button does not work, open this address in your browser:",
    Language.GERMAN: "Falls die Schaltfläche nicht geht, öffnen Sie diese Adresse in Ihrem Browser:",
}
"""What stands beneath a button, above its bare link."""


def moment(at: datetime, language: Language) -> str:
    """An instant as people read it, in UTC, whatever the locale of this machine: ``1 March 2026, 12:00 UTC``."""
    at = at.astimezone(UTC)
    month = _MONTHS[language].split()[at.month - 1]
    return f"{_DAY[language].format(at.day)} {month} {at:%Y, %H:%M} UTC"
