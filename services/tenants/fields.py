"""Members of bodies that are read into the values of this service."""

from collections.abc import Callable
from typing import Annotated, TypeVar

from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from services.tenants.domain.tenants import LONGEST_NAME, SLUG_PATTERN, Slug, parse_name, parse_slug
from shared.contracts.domains import LONGEST_DOMAIN, parse_domain
from shared.errors import Invalid

T = TypeVar("T", bound=str)


def _parsed_by(parse: Callable[[str], T]) -> AfterValidator:
    def check(raw: str) -> T:
        try:
            return parse(raw)
        except Invalid as error:
            raise PydanticCustomError(error.code, "{reason}", {"reason": error.detail}) from error

    return AfterValidator(check)


# Not only of white space and control characters; the rule about invisible ones has no words in a pattern.
_VISIBLE = r"^[^\u0000-\u0008\u000e-\u001f\u007f]*[^\s\u0000-\u0020\u007f][^\u0000-\u0008\u000e-\u001f\u007f]*$"
NameField = Annotated[
    str,
    _parsed_by(parse_name),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": LONGEST_NAME, "pattern": _VISIBLE}),
]
SlugField = Annotated[
    Slug,
    _parsed_by(parse_slug),
    WithJsonSchema({"type": "string", "pattern": SLUG_PATTERN}),
]
DomainField = Annotated[
    str,
    _parsed_by(parse_domain),
    WithJsonSchema({"type": "string", "format": "idn-hostname", "maxLength": LONGEST_DOMAIN}),
]
