"""E-mail addresses: the one canonical form, made here and nowhere else."""

import re
from typing import Annotated, NewType

from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from shared.contracts.domains import InvalidDomain, in_a_labels, parse_domain
from shared.errors import Invalid

LONGEST_ADDRESS = 254
"""Octets: what fits between < and > in RFC 5321, section 4.5.3.1.3."""

LONGEST_LOCAL_PART = 64
"""Octets (RFC 5321, section 4.5.3.1.1)."""

Email = NewType("Email", str)
"""An address in its canonical form: made by ``parse_email``, or read back from where such a one was stored."""

# A dot-atom (RFC 5322, section 3.2.3) without ! and %, which some mail servers read as a route to another host.
_ATOM = r"[a-z0-9#$&'*+/=?^_`{|}~-]+"
_LOCAL_PART = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")


class InvalidEmail(Invalid):
    """Not an address that we would send mail to."""

    code = "invalid_email"
    title = "Invalid e-mail address"
    detail = "This is not an e-mail address. Write it like name@company.com."


def parse_email(raw: str) -> Email:
    """The canonical form of ``raw``: local part and domain in lower case, the domain as A-labels.

    What mail servers, libraries and people may read in different ways is ``InvalidEmail``: quoted local parts,
    comments, display names, encoded words, lists, IP literals, white space, anything but ASCII before the @. So
    the domain that decides about a tenant is the domain that mail goes to. Parsing the result again changes
    nothing.
    """
    if len(raw) > LONGEST_ADDRESS:
        raise InvalidEmail(f"An e-mail address has at most {LONGEST_ADDRESS} characters.")
    if raw.count("@") != 1:
        raise InvalidEmail("An e-mail address has exactly one @. Write it like name@company.com.")
    local, _, domain = raw.partition("@")
    email = f"{_local_part(local)}@{_domain(domain)}"
    if len(email) > LONGEST_ADDRESS:
        raise InvalidEmail(f"An e-mail address has at most {LONGEST_ADDRESS} characters.")
    return Email(email)


def domain_of(email: Email) -> str:
    """The domain of an address; canonical, because the address is."""
    return email.partition("@")[2]


def part_as_stored(text: str) -> str:
    """What to look for in canonical addresses when somebody looks for ``text`` in those that people see.

    ``bücher.example`` is there as ``xn--bcher-kva.example``, and so is ``@Bücher``. Of a label that is not ASCII
    only the whole is found: its pieces have other A-labels.
    """
    local, at, domain = text.rpartition("@")
    try:
        return f"{local.lower()}{at}{in_a_labels(domain)}"
    except InvalidDomain:
        return text.lower()


def _local_part(raw: str) -> str:
    if len(raw) > LONGEST_LOCAL_PART:
        raise InvalidEmail(f"The part before the @ has at most {LONGEST_LOCAL_PART} characters.")
    lowered = raw.lower()
    # ASCII is asked of what came in: lower-casing turns the Kelvin sign into a k.
    if not raw.isascii() or not _LOCAL_PART.fullmatch(lowered) or "=?" in lowered:
        raise InvalidEmail("The part before the @ may have the letters a to z, digits, and signs such as . _ - + '")
    return lowered


def _domain(raw: str) -> str:
    try:
        return parse_domain(raw)
    except InvalidDomain as error:
        raise InvalidEmail("The part after the @ is not a domain. Write it like name@company.com.") from error


def _field(raw: str) -> Email:
    try:
        return parse_email(raw)
    except InvalidEmail as error:
        raise PydanticCustomError("invalid_email", "{reason}", {"reason": error.detail}) from error


EmailField = Annotated[
    Email,
    AfterValidator(_field),
    WithJsonSchema({"type": "string", "format": "email", "maxLength": LONGEST_ADDRESS}),
]
"""An address in a request body. A string that is none is an error of type ``invalid_email``."""
