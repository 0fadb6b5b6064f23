"""Domain names: their one canonical form, which claims reach them, and which of them nobody may claim."""

import re
from functools import cache
from importlib.resources import files

import idna
from disposable_email_domains import blocklist as disposable_domains
from publicsuffixlist import PublicSuffixList

from shared.errors import Invalid

LONGEST_DOMAIN = 253
"""Octets (RFC 1035, section 2.3.4, less the length octets)."""

LONGEST_LABEL = 63
"""Octets (RFC 1035, section 2.3.4)."""

# A name, a dot, and a top-level domain of letters or an A-label (RFC 3696, section 2). That also rules out every
# spelling of an IPv4 address: 127.0.0.1, 127.1, 0x7f.0x1.
_CANONICAL = re.compile(r"[a-z0-9.-]+\.(?:[a-z]{2,63}|xn--[a-z0-9-]+)")


class InvalidDomain(Invalid):
    """Not the name of a domain that can have mailboxes."""

    code = "invalid_domain"
    title = "Invalid domain"
    detail = "This is not a domain that mail can be sent to. Write it like company.com."


def parse_domain(raw: str) -> str:
    """The canonical form of ``raw``: two labels or more, in lower case, A-labels by IDNA 2008 (RFC 5891).

    Letter case is all that is mapped. Look-alikes that other software would fold to the same name (full-width
    letters, ideographic full stops, compatibility forms) are ``InvalidDomain``, and so are IP literals,
    underscores and a dot at either end. Parsing the result again changes nothing.
    """
    if len(raw) > LONGEST_DOMAIN:
        raise InvalidDomain(f"A domain has at most {LONGEST_DOMAIN} characters.")
    domain = ".".join(_a_label(label) for label in _lower(raw).split("."))
    if len(domain) > LONGEST_DOMAIN or not _CANONICAL.fullmatch(domain):
        raise InvalidDomain
    return domain


def in_a_labels(part: str) -> str:
    """A ``part`` of a domain as it stands in canonical ones, if each of its labels that is not ASCII is whole.

    ``InvalidDomain`` for what no domain has; whatever is ASCII may be any piece.
    """
    return ".".join(label if label.isascii() else _a_label(label) for label in _lower(part).split("."))


def claims_over(domain: str) -> tuple[str, ...]:
    """The domains by which ``domain`` can be claimed: first itself, then its parents, nearest first.

    The parents end with the one that somebody registered. What lies beneath a public suffix is another's than the
    suffix, even where a company runs it: ``x.s3.amazonaws.com`` is in this sense no subdomain of ``amazonaws.com``.
    """
    registered = _public_suffixes().privatesuffix(domain)
    if registered is None:
        return (domain,)
    return domain, *(parent for parent in _parents(domain) if len(parent) >= len(registered))


def matches(domain: str, claimed: str, include_subdomains: bool) -> bool:
    """Whether a claim of ``claimed`` speaks for ``domain``; both canonical.

    Exactly, or for a true subdomain where the claim includes these: ``evilcorp.com`` is none of ``corp.com``.
    """
    return domain == claimed or (include_subdomains and claimed in claims_over(domain))


def is_public(domain: str) -> bool:
    """Whether a canonical ``domain`` is shared by strangers and so can never be claimed.

    That is a public suffix, or a mail provider's or disposable domain or anything beneath one.
    """
    if _public_suffixes().is_public(domain):
        return True
    shared = _shared_domains()
    return domain in shared or any(parent in shared for parent in _parents(domain))


def _lower(raw: str) -> str:
    # str.lower() folds one foreign character into ASCII, the Kelvin sign: a look-alike would become the real one.
    if any(char.lower().isascii() and not char.isascii() for char in raw):
        raise InvalidDomain
    return raw.lower()


def _a_label(label: str) -> str:
    if len(label) > LONGEST_LABEL:  # an A-label is never shorter; and of some scripts each character is asked about all
        raise InvalidDomain
    try:
        return idna.alabel(label).decode("ascii")
    except UnicodeError as error:  # idna.IDNAError is one
        raise InvalidDomain from error


def _parents(domain: str) -> list[str]:
    labels = domain.split(".")
    return [".".join(labels[start:]) for start in range(1, len(labels))]


@cache
def _public_suffixes() -> PublicSuffixList:
    return PublicSuffixList()


@cache
def _shared_domains() -> frozenset[str]:
    text = files(__package__).joinpath("mail_providers.txt").read_text("ascii")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(disposable_domains).union(*(line.split() for line in lines))
