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


NameField = Annotated[str, _parsed_by(parse_name), WithJsonSchema({"type": "string", "maxLength": LONGEST_NAME})]
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
