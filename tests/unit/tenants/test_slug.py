"""What a tenant may be called in addresses."""

import pytest

from services.tenants.domain.tenants import parse_slug
from services.tenants.errors import InvalidSlug


@pytest.mark.parametrize("slug", ["ab", "42", "acme", "acme-2", "a--b", "a-b-c", "x" * 63])
def test_a_slug_is_a_label_of_a_host_name(slug: str) -> None:
    assert parse_slug(slug) == slug


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "a",
        "x" * 64,
        "Acme",
        "-acme",
        "acme-",
        "ac me",
        "ac.me",
        "ac_me",
        "ac/me",
        "acme\n",
        "\nacme",
        "acmé",
        "\uff41\uff43\uff4d\uff45",  # full-width letters
        "\u0664\u0662",  # Arabic digits
        "xn--acme",
        "ab--cd",
    ],
)
def test_anything_else_is_refused_and_nothing_is_mended(raw: str) -> None:
    with pytest.raises(InvalidSlug):
        parse_slug(raw)
