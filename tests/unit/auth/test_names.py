"""What people are called: found however the keyboard writes it."""

import unicodedata

import pytest
from pydantic import ValidationError

from services.auth.schemas import SignUpBody
from services.auth.sessions.schemas import UserChangeBody, UserQuery

ZOE = "Zoë"
IN_PIECES = unicodedata.normalize("NFD", ZOE)


def test_a_name_is_kept_in_one_spelling_and_looked_for_in_it() -> None:
    signed_up = SignUpBody.model_validate({"email": "z@company.com", "password": "korrekt pferd", "name": IN_PIECES})
    assert (len(IN_PIECES), signed_up.name) == (4, ZOE)
    assert UserChangeBody(name=IN_PIECES).name == ZOE
    assert UserQuery(q=IN_PIECES).read().text == ZOE


@pytest.mark.parametrize("name", ["\N{DEVANAGARI LETTER QA}" * 200, "x" * 201, "a\N{COMBINING ACUTE ACCENT}" * 100_000])
def test_the_length_that_counts_is_that_of_the_kept_spelling(name: str) -> None:
    with pytest.raises(ValidationError):
        UserChangeBody(name=name)


def test_a_name_that_fits_once_it_is_composed_fits() -> None:
    assert UserChangeBody(name="e\N{COMBINING DIAERESIS}" * 200).name == "ë" * 200
