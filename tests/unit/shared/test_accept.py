"""Which of several forms a client gets."""

import pytest
from starlette.requests import Request

from shared.http.accept import JSON, MOST_RANGES, Accept

CSV, NDJSON = "text/csv", "application/x-ndjson"


def best(*headers: str) -> str:
    """What whoever sends these headers gets, where JSON is usual."""
    sent = [(b"accept", header.encode("latin-1")) for header in headers]
    return Accept.of(Request({"type": "http", "headers": sent})).best_of(JSON, CSV, NDJSON)


@pytest.mark.parametrize("header", ["", "*/*", "application/*", "text/html, */*;q=0.8", "image/png", JSON, "nonsense"])
def test_who_wants_nothing_else_gets_the_usual(header: str) -> None:
    assert best(header) == JSON
    assert best() == JSON


@pytest.mark.parametrize(
    "header", ["text/csv", "Text/CSV", " text/csv ; header=present", "text/*", "image/png, text/csv"]
)
def test_another_form_is_for_who_wants_it(header: str) -> None:
    assert best(header) == CSV


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("text/csv;q=0.5, application/json", JSON),
        ("text/csv;q=0.5, application/x-ndjson;q=0.9", NDJSON),
        ("application/json;q=0.1, text/csv;q=0.2", CSV),
        ("text/csv; Q=1.000, application/json; q=0.999", CSV),
        ("text/csv;q=0.5, */*", JSON),
        ("text/csv, */*;q=0.1", CSV),
        ("text/csv;q=0.4, */*;q=0.1", CSV),
    ],
)
def test_the_greater_weight_decides(header: str, wanted: str) -> None:
    assert best(header) == wanted


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("text/csv, application/json", CSV),
        ("application/json, text/csv", JSON),
        ("application/x-ndjson, text/csv", NDJSON),
        ("*/*, text/csv", CSV),
    ],
)
def test_of_the_same_weight_what_is_named_and_named_first_decides(header: str, wanted: str) -> None:
    assert best(header) == wanted


def test_the_more_specific_range_decides_about_a_type() -> None:
    assert best("text/*, text/csv;q=0") == JSON
    assert best("*/*, application/json;q=0") == CSV
    assert best("application/json;q=0, application/*;q=0.2") == NDJSON


@pytest.mark.parametrize("weight", ["0", "0.000", "2", "-1", "1.001", "0.1234", "nan", "", "inf", "1e0"])
def test_what_is_not_wanted_or_no_weight_counts_for_nothing(weight: str) -> None:
    assert best(f"text/csv;q={weight}") == JSON


def test_several_headers_are_one_list() -> None:
    assert best("text/csv;q=0.3", "application/x-ndjson;q=0.4") == NDJSON


def test_of_a_header_with_room_for_thousands_only_the_beginning_is_read() -> None:
    assert len(Accept.of_values([",".join(["text/csv"] * 2000)] * 2).ranges) == MOST_RANGES
