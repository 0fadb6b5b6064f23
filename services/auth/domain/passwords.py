"""What makes a password good enough (NIST SP 800-63B-4, section 3.1.1.2): length, and not being guessed first."""

import re
import string
import unicodedata
from collections.abc import Iterable
from functools import cache

from services.auth.domain.accounts import Tenant
from services.auth.errors.credentials import WeakPassword
from shared.contracts.email import Email

SHORTEST = 8
LONGEST = 1000
FEWEST_DIFFERENT = 4
FEWEST_BESIDE_CONTEXT = 6
"""So many characters must be left when the words of the context are taken out."""

SHORTEST_WORD = 3

_MOST_TO_ONE = 4
"""So many characters at the most become one in the normal form."""


def normalised(password: str) -> str:
    """The one form in which a password is judged and hashed (NFC), whatever keyboard it was typed on.

    What would be too long in any form stays as it is: no stored password is.
    """
    # Ordering accents takes time by the square of their number, and nothing else runs meanwhile, in any thread.
    if len(password) > _MOST_TO_ONE * LONGEST:
        return password
    return unicodedata.normalize("NFC", password)


def context_of(email: Email, name: str, tenants: Iterable[Tenant]) -> list[str]:
    """What a guesser knows of a person: name, address, and all that the tenants are called."""
    called = (text for each in tenants for text in (each.name, each.slug, each.settings.display_name or ""))
    return [name, email, *called]


def check_new_password(password: str, *, context_words: Iterable[str]) -> None:
    """``WeakPassword``, with a sentence for its author, unless ``password`` may be set.

    ``context_words`` are texts that a guesser knows of this person, such as ``context_of``. A password may hold them,
    if it is strong enough without. There are no composition rules.
    """
    password = normalised(password)
    check_length(password)
    folded = password.casefold()
    if len(set(folded)) < FEWEST_DIFFERENT:
        raise WeakPassword("The password repeats too few characters.")
    if _is_common(folded):
        raise WeakPassword("This password is one of the first that anybody would guess.")
    rest = _without(folded, _words(context_words))
    if rest != folded and (len(rest) < FEWEST_BESIDE_CONTEXT or _is_common(rest)):
        raise WeakPassword("The password is too close to your name, e-mail address or organisation.")


def check_length(password: str) -> None:
    """``WeakPassword`` for one in its normal form that is too short or too long."""
    if len(password) < SHORTEST:
        raise WeakPassword(f"The password needs at least {SHORTEST} characters; 15 or more are recommended.")
    if len(password) > LONGEST:
        raise WeakPassword(f"The password may have at most {LONGEST:,} characters.")


def _is_common(folded: str) -> bool:
    return folded in _common_passwords() or folded.strip(string.punctuation) in _common_passwords()


def _words(texts: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for text in texts:
        folded = normalised(text).casefold()
        parts = [part for part in re.split(r"[\W_]+", folded) if part]
        found |= {folded, "".join(parts), *parts}
    return {word for word in found if len(word) >= SHORTEST_WORD}


def _without(folded: str, words: set[str]) -> str:
    for word in sorted(words, key=len, reverse=True):
        folded = folded.replace(word, "")
    return folded


@cache
def _common_passwords() -> frozenset[str]:
    # Imported when first needed: the lists take 14 MB, and most processes never judge a password.
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415

    return frozenset(password for password in FREQUENCY_LISTS["passwords"] if len(password) >= SHORTEST)
