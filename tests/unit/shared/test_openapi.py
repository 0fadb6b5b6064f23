"""The OpenAPI document says what the endpoints are."""

from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator

from shared.http.openapi import document
from tests.unit.shared.notes import ENDPOINTS

DOCUMENT: Any = document("notes", ENDPOINTS)


def test_it_is_valid_openapi() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_internal_routes_are_not_in_it() -> None:
    assert set(DOCUMENT["paths"]) == {"/notes", "/notes/{note_id}", "/public"}


def test_an_operation_says_what_goes_in_and_comes_out() -> None:
    write = DOCUMENT["paths"]["/notes"]["post"]
    assert write["summary"] == "Write a note."
    assert write["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/Note")
    assert write["responses"]["201"]["content"]["application/json"]["schema"]["$ref"].endswith("/Said")
    assert write["responses"]["409"]["description"] == "`answer_unreadable` · `conflict`"
    assert write["security"] == [{"bearer": []}]


def test_a_problem_with_members_of_its_own_is_described_with_them() -> None:
    answer = DOCUMENT["paths"]["/notes"]["post"]["responses"]["409"]
    parts = [
        part["$ref"].rpartition("/")[2] for part in answer["content"]["application/problem+json"]["schema"]["allOf"]
    ]
    assert parts == ["Problem", "Beside"]
    assert DOCUMENT["components"]["schemas"]["Beside"]["required"] == ["others"]


def test_parameters_of_path_and_query_are_described() -> None:
    look = DOCUMENT["paths"]["/notes/{note_id}"]["get"]
    by_name = {parameter["name"]: parameter for parameter in look["parameters"]}
    assert by_name["note_id"] == {
        "name": "note_id",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "format": "uuid"},
    }
    assert (by_name["size"]["in"], by_name["size"]["required"]) == ("query", False)
    assert look["security"] == [{}, {"bearer": []}]


def test_bodies_refuse_unknown_members_in_the_document_too() -> None:
    assert DOCUMENT["components"]["schemas"]["Note"]["additionalProperties"] is False
